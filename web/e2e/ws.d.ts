/** What the relay uses of `ws`, which brings no types. */
declare module 'ws' {
  import type { IncomingMessage } from 'node:http'
  import type { Duplex } from 'node:stream'

  export class WebSocket {
    constructor(url: URL, protocols: readonly string[])
    readonly readyState: number
    on(name: 'open' | 'close' | 'error', listener: () => void): void
    on(name: 'message', listener: (data: Buffer, isBinary: boolean) => void): void
    send(data: string | Buffer): void
    close(code?: number): void
  }
  export class WebSocketServer {
    constructor(options: { noServer: true; handleProtocols?: (asked: Set<string>) => string | false })
    handleUpgrade(asked: IncomingMessage, socket: Duplex, head: Buffer, done: (peer: WebSocket) => void): void
  }
}
