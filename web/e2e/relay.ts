import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'

/**
 * Stands between a browser and the server, and can be cut. A page's connection lives in a worker, where a test cannot
 * reach it: here it is heard, and here it breaks.
 */
export class Relay {
  /** What pages have said to the server over their sockets: `subscribe gex:SPY`. */
  readonly commands: string[] = []
  /** Streams that were asked for on any wire, also while it was cut. */
  attempts = 0
  readonly #target: URL
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #peers = new WebSocketServer({ noServer: true })
  #isCut = false

  private constructor(target: string) {
    this.#target = new URL(target)
    this.#server = createServer((asked, answer) => {
      if (/^\/api\/stream\/(sse|poll)\//.test(asked.url ?? '')) this.attempts++
      if (this.#isCut) {
        asked.socket.destroy()
        return
      }
      const onward = request(new URL(asked.url ?? '/', this.#target), {
        method: asked.method,
        headers: this.#headers(asked),
      })
      onward.on('response', response => {
        answer.writeHead(response.statusCode ?? 502, response.headers)
        response.pipe(answer)
      })
      onward.on('error', () => asked.socket.destroy())
      answer.on('close', () => onward.destroy()) // a stream whose page has gone would stay open
      asked.pipe(onward)
    })
    this.#server.on('connection', socket => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    this.#server.on('upgrade', (asked, socket, head) => {
      this.attempts++
      if (this.#isCut) {
        socket.destroy()
        return
      }
      this.#peers.handleUpgrade(asked, socket, head, peer => this.#join(asked, peer))
    })
  }

  /** Begins to listen, for pages of a server. */
  static async before(target: string): Promise<Relay> {
    const relay = new Relay(target)
    await new Promise<void>(resolve => relay.#server.listen(0, '127.0.0.1', resolve))
    return relay
  }

  /** Where pages find it. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Ends every connection, and takes no further one. */
  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Lets connections through again. */
  mend(): void {
    this.#isCut = false
  }

  close(): void {
    this.cut()
    this.#server.close()
  }

  /** The server answers only to its own name, and to pages of its own. */
  #headers({ headers }: IncomingMessage): NodeJS.Dict<string | string[]> {
    const { origin, ...rest } = headers
    return { ...rest, host: this.#target.host, ...(origin !== undefined && { origin: this.#target.origin }) }
  }

  #join(asked: IncomingMessage, page: WebSocket): void {
    const address = new URL(asked.url ?? '/', this.#target.href.replace('http', 'ws'))
    const protocols = asked.headers['sec-websocket-protocol']?.split(/, */) ?? []
    const server = new WebSocket(address, protocols)
    const early: string[] = []
    let isOpen = false
    server.on('open', () => {
      isOpen = true
      for (const text of early.splice(0)) server.send(text)
    })
    server.on('message', (data, isBinary) => page.send(isBinary ? data : String(data)))
    server.on('error', () => page.close(1001))
    server.on('close', () => page.close(1001))
    page.on('message', data => {
      const text = String(data)
      for (const line of text.split('\n')) {
        const { type, channel } = JSON.parse(line) as { type: string; channel?: string }
        if (channel !== undefined) this.commands.push(`${type} ${channel}`)
      }
      if (isOpen) server.send(text)
      else early.push(text)
    })
    page.on('error', () => undefined)
    page.on('close', () => server.close())
  }
}
