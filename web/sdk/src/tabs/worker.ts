import { TabHub } from './TabHub'

// The file of the shared worker: one hub for all the tabs that name it alike.
const hub = new TabHub()

addEventListener('connect', event => {
  const port = (event as MessageEvent).ports[0]
  if (port !== undefined) hub.add(port)
})
