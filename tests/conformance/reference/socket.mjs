import { randomBytes } from 'node:crypto'
import { request } from 'node:http'

/** The client's side of a WebSocket, as little of it as the reference needs: text messages, ping, close. */
export function openSocket(url, { protocol, opened, message, closed }) {
  let socket
  let code = 1006
  let told = false
  const end = () => {
    if (told) return
    told = true
    closed(code)
  }
  const write = (opcode, payload) => {
    if (socket === undefined || socket.destroyed) return
    const length = payload.length
    const head = length < 126 ? Buffer.from([0x80 | opcode, 0x80 | length]) : Buffer.from([0x80 | opcode, 0x80 | 126, length >> 8, length & 255])
    const mask = randomBytes(4)
    socket.write(Buffer.concat([head, mask, payload.map((byte, i) => byte ^ mask[i & 3])]))
  }

  let buffer = Buffer.alloc(0)
  let parts = []
  const read = bytes => {
    buffer = Buffer.concat([buffer, bytes])
    for (;;) {
      if (buffer.length < 2) return
      const short = buffer[1] & 127
      const start = short === 126 ? 4 : short === 127 ? 10 : 2
      if (buffer.length < start) return
      const length = short === 126 ? buffer.readUInt16BE(2) : short === 127 ? Number(buffer.readBigUInt64BE(2)) : short
      if (buffer.length < start + length) return
      const [fin, opcode] = [(buffer[0] & 128) !== 0, buffer[0] & 15]
      const payload = buffer.subarray(start, start + length)
      buffer = buffer.subarray(start + length)
      if (opcode === 9) write(10, payload)
      else if (opcode === 8) {
        code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005
        write(8, payload)
        socket.end()
      } else if (opcode < 3) {
        parts.push(payload)
        if (!fin) continue
        const whole = Buffer.concat(parts).toString()
        parts = []
        message(whole)
      }
    }
  }

  const asked = request(url, {
    headers: { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': randomBytes(16).toString('base64'), ...(protocol && { 'Sec-WebSocket-Protocol': protocol }) },
    agent: false,
  })
  asked.on('upgrade', (answer, upgraded, head) => {
    socket = upgraded
    socket.on('data', read).on('error', () => {}).on('close', end)
    opened(answer.headers['sec-websocket-protocol'])
    if (head.length > 0) read(head)
  })
  asked.on('response', response => {
    response.destroy()
    end()
  })
  asked.on('error', end)
  asked.end()
  return {
    send: text => write(1, Buffer.from(text)),
    close() {
      socket?.destroy()
      asked.destroy()
      end()
    },
  }
}
