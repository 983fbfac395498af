// Opens WebSockets and prints what becomes of each: `message PATH` once it received something, `closed PATH CODE`.
// node watch-sockets.mjs URL TEXT_TO_SEND [URL TEXT_TO_SEND ...]
import { createRequire } from 'node:module'

const { WebSocket } = createRequire(new URL('../web/package.json', import.meta.url))('ws')
const args = process.argv.slice(2)

for (let i = 0; i < args.length; i += 2) {
  const [url, text] = [args[i], args[i + 1]]
  const { pathname } = new URL(url)
  const socket = new WebSocket(url)
  socket.on('open', () => text && socket.send(text))
  socket.once('message', () => console.log(`message ${pathname}`))
  socket.on('close', (code) => console.log(`closed ${pathname} ${code}`))
  socket.on('error', (error) => console.log(`error ${pathname} ${error.message}`))
}
