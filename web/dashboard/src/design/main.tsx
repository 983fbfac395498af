import '../styles/fonts.css'
import '../styles/tokens.css'
import '../styles/sizes.css'
import '../styles/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { LookChoice } from '../features/look/Look'
import { Design } from './Design'

const root = document.getElementById('root')
if (root === null) throw new Error('The page has no #root')
createRoot(root).render(
  <StrictMode>
    <Design look={new LookChoice(document.documentElement, false)} />
  </StrictMode>,
)
