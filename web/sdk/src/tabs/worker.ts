import { announce } from './announce'
import { TabHub } from './TabHub'

// The file of the worker that holds the connection: shared by the tabs that name it alike, or of the tab that was elected.
const hub = new TabHub()

addEventListener('connect', event => {
  const port = (event as MessageEvent).ports[0]
  if (port !== undefined) hub.add(port)
})

addEventListener('message', ({ data }) => {
  if (typeof data === 'string') announce(hub, data)
})
