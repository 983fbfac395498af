/** What the tests use of `ws`, which brings no types. */
declare module 'ws' {
  export interface WebSocket {
    on(name: 'message' | 'pong', listener: (data: Buffer) => void): void
    on(name: 'close', listener: (code: number) => void): void
    send(text: string, options?: { fin: boolean }): void
    ping(payload: string): void
    close(code: number, reason?: string): void
    terminate(): void
  }
  export class WebSocketServer {
    readonly clients: Set<WebSocket>
    constructor(options: { port: number; host: string; handleProtocols?: () => string | false })
    on(name: 'connection', listener: (peer: WebSocket) => void): void
    on(name: 'listening', listener: (value: unknown) => void): void
    address(): unknown
    close(): void
  }
}
