import type { Socket } from './StreamClient'

/** A far side under a test's control: it records what the page says and says what it is told. */
export class ScriptedSocket implements Socket {
  onmessage: Socket['onmessage'] = null
  onclose: Socket['onclose'] = null
  readonly sent: Record<string, unknown>[] = []
  isClosed = false

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
  }

  close(): void {
    this.isClosed = true
  }

  /** The frames of one type that the page has sent. */
  sentOf(type: string): Record<string, unknown>[] {
    return this.sent.filter(frame => frame.type === type)
  }

  says(frame: object): void {
    this.onmessage?.call(
      this as unknown as WebSocket,
      new MessageEvent('message', { data: JSON.stringify(frame) }),
    )
  }

  breaks(): void {
    this.onclose?.call(this as unknown as WebSocket, new Event('close') as CloseEvent)
  }
}
