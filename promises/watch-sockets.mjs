// Opens WebSockets and prints what becomes of each: `message PATH` once it received something, `closed PATH CODE`.
// `deaf` in place of a text opens the socket and never reads from it again, nor answers a close.
// node watch-sockets.mjs URL TEXT_TO_SEND [URL TEXT_TO_SEND ...]
import { createRequire } from 'node:module'
import { connect } from 'node:net'

const { WebSocket } = createRequire(new URL('../web/package.json', import.meta.url))('ws')
const args = process.argv.slice(2)

for (let i = 0; i < args.length; i += 2) {
  const [url, text] = [args[i], args[i + 1]]
  const { pathname, hostname, port, host } = new URL(url)
  if (text === 'deaf') {
    const deaf = connect(Number(port), hostname)
    deaf.write(
      `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    deaf.once('data', () => {
      deaf.pause()
      console.log(`message ${pathname} deaf`)
    })
    deaf.on('error', () => {}) // being cut off is what it is there for
    continue
  }
  const socket = new WebSocket(url)
  socket.on('open', () => text && socket.send(text))
  socket.once('message', () => console.log(`message ${pathname}`))
  socket.on('close', (code) => console.log(`closed ${pathname} ${code}`))
  socket.on('error', (error) => console.log(`error ${pathname} ${error.message}`))
}
