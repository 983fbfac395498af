import { createHash, randomBytes } from 'node:crypto'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Duplex } from 'node:stream'
import type { Socket } from '../Settings'
import { FrameReader, Opcode, writeFrame } from './frame'

const Guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** How long the other side may take to answer a close, ms. */
const CloseWithin = 3000
/** So much that waits to be sent is too much: the other side no longer reads. */
const MaxBuffered = 16 * 1024 * 1024

/** A WebSocket client (RFC 6455) over node:http, for a Node without one of its own. Text messages only, no extensions. */
export class NodeWebSocket implements Socket {
  onopen: Socket['onopen'] = null
  onmessage: Socket['onmessage'] = null
  onclose: Socket['onclose'] = null
  onerror: Socket['onerror'] = null
  readonly #request: ReturnType<typeof requestHttp>
  #stream: Duplex | null = null
  #isClosing = false
  #isClosed = false
  #deadline: ReturnType<typeof setTimeout> | undefined

  constructor(url: string, protocols: readonly string[] = []) {
    const key = randomBytes(16).toString('base64')
    const address = url.replace(/^ws/, 'http')
    this.#request = (address.startsWith('https') ? requestHttps : requestHttp)(address, {
      agent: false,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': key,
        ...(protocols.length > 0 && { 'Sec-WebSocket-Protocol': protocols.join(', ') }),
      },
    })
    this.#request.on('upgrade', (response, stream, head) => {
      const accept = createHash('sha1')
        .update(key + Guid)
        .digest('base64')
      if (!isAccepted(response, accept, protocols)) {
        stream.destroy()
        this.#end(1006, 'the server did not accept the upgrade')
      } else this.#begin(stream, head)
    })
    this.#request.on('response', response => {
      response.resume()
      this.#end(1006, `the server answered the upgrade with ${response.statusCode}`)
    })
    this.#request.on('error', error => this.#end(1006, error.message))
    this.#request.end()
  }

  send(text: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (typeof text !== 'string') throw new TypeError('Only text can be sent')
    if (this.#stream === null || this.#isClosing) throw new Error('The socket is not open')
    this.#write(Opcode.Text, Buffer.from(text))
    if (this.#stream.writableLength > MaxBuffered) this.#fail(1006, 'the other side does not read')
  }

  close(code = 1000, reason = ''): void {
    if (this.#isClosed || this.#isClosing) return
    this.#isClosing = true
    if (this.#stream === null) {
      this.#request.destroy()
      this.#end(1006, '')
      return
    }
    this.#write(Opcode.Close, closePayload(code, reason))
    this.#deadline = setTimeout(() => this.#fail(1006, 'the close was not answered'), CloseWithin)
    this.#deadline.unref()
  }

  #begin(stream: Duplex, head: Buffer): void {
    if (this.#isClosed) {
      stream.destroy()
      return
    }
    this.#stream = stream
    const reader = new FrameReader({
      text: text => this.onmessage?.call(this as never, { data: text } as MessageEvent),
      ping: payload => this.#write(Opcode.Pong, payload),
      close: (code, reason) => {
        // An answer to a close is a close of the same code; 1005 says that there was none.
        if (!this.#isClosing)
          this.#write(Opcode.Close, code === 1005 ? Buffer.alloc(0) : closePayload(code, ''))
        stream.end()
        this.#end(code, reason)
      },
      fault: (code, reason) => {
        this.#write(Opcode.Close, closePayload(code, reason))
        this.#fail(code, reason)
      },
    })
    stream.on('error', error => this.#fail(1006, error.message))
    stream.on('close', () => this.#end(1006, ''))
    stream.on('end', () => stream.end())
    this.onopen?.call(this as never, { type: 'open' } as Event)
    if (head.length > 0) reader.read(head)
    stream.on('data', chunk => {
      if (!this.#isClosed) reader.read(chunk as Buffer)
    })
  }

  #write(opcode: Opcode, payload: Buffer): void {
    if (this.#stream?.writable) this.#stream.write(writeFrame(opcode, payload, randomBytes(4)))
  }

  #fail(code: number, reason: string): void {
    this.#stream?.destroy()
    this.#end(code, reason)
  }

  #end(code: number, reason: string): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearTimeout(this.#deadline)
    // Never within the constructor: who made it has yet to say whom to tell.
    queueMicrotask(() =>
      this.onclose?.call(this as never, { code, reason, wasClean: code !== 1006 } as CloseEvent),
    )
  }
}

function isAccepted(response: IncomingMessage, accept: string, protocols: readonly string[]): boolean {
  const protocol = response.headers['sec-websocket-protocol']
  return (
    response.headers['sec-websocket-accept'] === accept &&
    (protocol === undefined || protocols.includes(protocol))
  )
}

function closePayload(code: number, reason: string): Buffer {
  const text = Buffer.from(reason).subarray(0, 120)
  const payload = Buffer.alloc(2 + text.length)
  payload.writeUInt16BE(code)
  text.copy(payload, 2)
  return payload
}
