import { createHash } from 'node:crypto'

const suffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The subprotocol of several messages to a frame. */
export const batching = 'tidewire.v1.json'

/** The answer of RFC 6455 section 4.2.2 to an upgrade, with nothing a server of ours would not say. */
export function handshakeAnswer(key, protocol) {
  const accept = createHash('sha1').update(key + suffix).digest('base64')
  return `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n${protocol === undefined ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`}\r\n`
}

function frame(opcode, payload, { fin = true } = {}) {
  const head =
    payload.length < 126 ? Buffer.alloc(2) : payload.length < 65536 ? Buffer.alloc(4) : Buffer.alloc(10)
  head[0] = (fin ? 0x80 : 0) | opcode
  if (payload.length < 126) head[1] = payload.length
  else if (payload.length < 65536) {
    head[1] = 126
    head.writeUInt16BE(payload.length, 2)
  } else {
    head[1] = 127
    head.writeBigUInt64BE(BigInt(payload.length), 2)
  }
  return Buffer.concat([head, payload])
}

/**
 * The server's side of one WebSocket, byte by byte. `style` says how messages are put into frames and bytes:
 * `plain` (one message, one frame), `batched` (several, newline between), `fragmented` (one message, many frames),
 * `dribbled` (a few bytes at a time).
 */
export class WebSocketPeer {
  #socket
  #style
  #buffer = Buffer.alloc(0)
  #parts = []
  #batch = []
  #dribble = []
  #frozen = false

  /** Called with the text of each message. */
  received = () => {}
  /** Called once, when the connection has ended, whoever ended it. */
  ended = () => {}

  constructor(socket, head, style = 'plain') {
    this.#socket = socket
    this.#style = style
    socket.setNoDelay(true)
    socket.on('data', bytes => this.#read(bytes))
    socket.on('error', () => {}) // a reset is an end like any other
    socket.on('close', () => this.ended())
    if (head.length > 0) this.#read(head)
  }

  send(text) {
    if (this.#frozen) return
    if (this.#style === 'batched') {
      if (this.#batch.push(text) === 1) setImmediate(() => this.#flush())
      return
    }
    const bytes = Buffer.from(text)
    if (this.#style === 'fragmented' && bytes.length > 3) {
      const third = Math.ceil(bytes.length / 3) // cuts through a character now and then, as the RFC allows
      this.#write(frame(1, bytes.subarray(0, third), { fin: false }))
      this.#write(frame(0, bytes.subarray(third, 2 * third), { fin: false }))
      this.#write(frame(9, Buffer.from('between')))
      this.#write(frame(0, bytes.subarray(2 * third)))
      return
    }
    this.#write(frame(1, bytes))
  }

  /** A text as it stands, in a frame of its own. */
  raw(text) {
    this.#flush()
    this.#write(frame(1, Buffer.from(text)))
  }

  binary(bytes) {
    this.#write(frame(2, bytes))
  }

  close(code, reason) {
    this.#flush()
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason))
    payload.writeUInt16BE(code)
    payload.write(reason, 2)
    this.#write(frame(8, payload))
    this.#socket.end()
  }

  /** Ends it at once: RST, as a killed process or a firewall does. */
  reset() {
    this.#socket.resetAndDestroy()
  }

  /** Ends it with FIN and no closing frame. */
  end() {
    this.#flush()
    this.#socket.end()
  }

  /** Half open: nothing is read, nothing is written, nothing is closed. */
  freeze() {
    this.#frozen = true
    this.#socket.pause()
  }

  #flush() {
    if (this.#batch.length === 0 || this.#frozen) return
    const text = this.#batch.join('\n')
    this.#batch = []
    this.#write(frame(1, Buffer.from(text)))
  }

  #write(bytes) {
    if (this.#frozen || this.#socket.destroyed) return
    if (this.#style !== 'dribbled') {
      this.#socket.write(bytes)
      return
    }
    for (let at = 0; at < bytes.length; at += 7) this.#dribble.push(bytes.subarray(at, at + 7))
    if (this.#dribble.length > 0) this.#drip()
  }

  #dripping = false
  #drip() {
    if (this.#dripping) return
    this.#dripping = true
    const next = () => {
      const bytes = this.#dribble.shift()
      if (bytes === undefined || this.#frozen || this.#socket.destroyed) {
        this.#dripping = false
        return
      }
      this.#socket.write(bytes, () => setImmediate(next))
    }
    next()
  }

  #read(bytes) {
    this.#buffer = Buffer.concat([this.#buffer, bytes])
    for (;;) {
      const read = this.#frame()
      if (read === undefined) return
      const { fin, opcode, payload } = read
      if (opcode === 9) this.#write(frame(10, payload))
      else if (opcode === 8) {
        this.#write(frame(8, payload))
        this.#socket.end()
      } else if (opcode < 3) {
        this.#parts.push(payload)
        if (!fin) continue
        const text = Buffer.concat(this.#parts).toString()
        this.#parts = []
        this.received(text)
      }
    }
  }

  #frame() {
    const bytes = this.#buffer
    if (bytes.length < 2) return undefined
    let length = bytes[1] & 0x7f
    let at = 2
    if (length === 126) {
      if (bytes.length < 4) return undefined
      length = bytes.readUInt16BE(2)
      at = 4
    } else if (length === 127) {
      if (bytes.length < 10) return undefined
      length = Number(bytes.readBigUInt64BE(2))
      at = 10
    }
    const masked = (bytes[1] & 0x80) !== 0
    if (!masked) this.reset() // a client must mask: RFC 6455 section 5.1
    if (!masked || bytes.length < at + 4 + length) return undefined
    const mask = bytes.subarray(at, at + 4)
    const payload = Buffer.from(bytes.subarray(at + 4, at + 4 + length))
    for (let i = 0; i < length; i++) payload[i] ^= mask[i & 3]
    this.#buffer = bytes.subarray(at + 4 + length)
    return { fin: (bytes[0] & 0x80) !== 0, opcode: bytes[0] & 15, payload }
  }
}
