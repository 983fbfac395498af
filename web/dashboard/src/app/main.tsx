import '../styles/fonts.css'
import '../styles/tokens.css'
import '../styles/sizes.css'
import '../styles/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App'
import { openDesk } from './desk'

const root = document.getElementById('root')
if (root === null) throw new Error('The page has no #root')
createRoot(root).render(
  <StrictMode>
    <App desk={openDesk()} />
  </StrictMode>,
)

// Without it the page needs its server to open, and else lacks nothing.
if (import.meta.env.PROD) navigator.serviceWorker?.register('/offline.js').catch(() => undefined)
