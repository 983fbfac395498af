import type { Socket } from '../src/Settings'

interface Row {
  readonly offset: number
  readonly data: unknown
}

type Message = Record<string, unknown>

/** A far side under a test's control: it keeps a log per channel, serves it over sockets and polls, and says what it is told. */
export class ScriptedServer {
  epoch = 'e1'
  readonly rows = new Map<string, Row[]>()
  readonly sockets: ScriptedSocket[] = []
  /** What every socket was told, in order. */
  readonly heard: Message[] = []
  /** Requests over HTTP. */
  readonly asked: string[] = []
  /** What opening a socket leads to. */
  opening: 'open' | 'refuse' | 'silent' = 'open'
  /** Whether it knows subprotocols. A browser fails the connection when it asks for one and none is answered. */
  answersSubprotocols = true
  /** The subprotocols that each socket was opened with. */
  readonly offered: (readonly string[])[] = []
  /** Channels that it refuses, and with which words. */
  readonly refused = new Map<string, string>()
  /** The lowest offset that can still be resumed after. */
  oldest = 0

  readonly WebSocket = scripted(this)

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(String(input))
    this.asked.push(url.pathname + url.search)
    const channel = url.pathname.split('/').slice(4).map(decodeURIComponent).join(':')
    if (!url.pathname.startsWith('/api/stream/poll/')) return new Response('', { status: 502 })
    const since = url.searchParams.get('since')
    const after =
      since === null
        ? this.tail(channel) - Number(url.searchParams.get('history') ?? 0)
        : Number(since.split(':')[1])
    const found = this.after(channel, after)
    if (since !== null && found.length === 0 && url.searchParams.get('wait') !== '0')
      await aborted(init?.signal)
    const messages = found.map(({ offset, data }) => ({
      channel,
      offset,
      data,
      epoch: this.epoch,
      timestamp: '',
      source: 'socket',
    }))
    return Response.json({
      channel,
      messages,
      position: { epoch: this.epoch, offset: this.tail(channel) },
      recovered: since !== null,
    })
  }

  get live(): ScriptedSocket {
    const last = this.sockets.at(-1)
    if (last === undefined) throw new Error('No socket was opened')
    return last
  }

  tail(channel: string): number {
    return this.rows.get(channel)?.at(-1)?.offset ?? 0
  }

  after(channel: string, offset: number): Row[] {
    return (this.rows.get(channel) ?? []).filter(row => row.offset > offset)
  }

  /** Appends to a channel, and shows it to whoever reads it. */
  publish(channel: string, ...payloads: unknown[]): void {
    const rows = this.rows.get(channel) ?? []
    this.rows.set(channel, rows)
    for (const data of payloads) {
      const row = { offset: this.tail(channel) + 1, data }
      rows.push(row)
      for (const socket of this.sockets)
        if (socket.isOpen && socket.channels.has(channel)) socket.says(this.message(channel, row))
    }
  }

  message(channel: string, { offset, data }: Row): Message {
    return { type: 'message', channel, offset, data, timestamp: '2026-11-20T14:30:05.123Z', source: 'socket' }
  }

  /** What a socket was sent of a type. */
  heardOf(type: string): Message[] {
    return this.heard.filter(message => message.type === type)
  }

  hear(socket: ScriptedSocket, message: Message): void {
    this.heard.push(message)
    const channel = String(message.channel)
    if (message.type === 'ping') socket.says({ type: 'pong', timestamp: new Date().toISOString() })
    else if (message.type === 'unsubscribe') socket.channels.delete(channel)
    else if (message.type === 'subscribe') this.#subscribe(socket, channel, message)
  }

  #subscribe(socket: ScriptedSocket, channel: string, { since, id, history }: Message): void {
    const message = this.refused.get(channel)
    if (message !== undefined) {
      socket.says({ type: 'error', message, code: 106, retryable: false, id })
      return
    }
    const wanted = since as { epoch: string; offset: number } | undefined
    const isThere = wanted !== undefined && wanted.epoch === this.epoch && wanted.offset >= this.oldest
    const offset = isThere ? wanted.offset : this.tail(channel)
    const reason = wanted === undefined || isThere ? {} : { reason: 'it is gone' }
    const answer = {
      type: 'subscription',
      action: 'subscribed',
      channel,
      epoch: this.epoch,
      offset,
      recovered: isThere,
      id,
      ...reason,
    }
    socket.channels.add(channel)
    socket.says({ ...answer, timestamp: '2026-11-20T14:30:06.000Z' })
    if (!isThere && typeof history === 'number') {
      const messages = this.after(channel, offset - history).map(row => this.message(channel, row))
      socket.says({ type: 'history', channel, epoch: this.epoch, messages })
    }
    if (isThere) for (const row of this.after(channel, offset)) socket.says(this.message(channel, row))
  }
}

/** One socket of a {@link ScriptedServer}. */
export class ScriptedSocket implements Socket {
  onopen: Socket['onopen'] = null
  onmessage: Socket['onmessage'] = null
  onclose: Socket['onclose'] = null
  onerror: Socket['onerror'] = null
  readonly channels = new Set<string>()
  readonly url: string
  isOpen = false
  readonly #server: ScriptedServer

  constructor(server: ScriptedServer, url: string, protocols: readonly string[] = []) {
    this.#server = server
    this.url = url
    server.sockets.push(this)
    server.offered.push(protocols)
    const how = protocols.length > 0 && !server.answersSubprotocols ? 'refuse' : server.opening
    queueMicrotask(() => {
      if (how === 'refuse') this.breaks(1006)
      if (how !== 'open') return
      this.isOpen = true
      this.onopen?.call(this as never, {} as Event)
      this.says({ type: 'connection', status: 'connected', timestamp: new Date().toISOString() })
    })
  }

  send(text: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    this.#server.hear(this, JSON.parse(String(text)) as Message)
  }

  close(): void {
    this.isOpen = false
  }

  says(...messages: Message[]): void {
    this.onmessage?.call(
      this as never,
      { data: messages.map(message => JSON.stringify(message)).join('\n') } as MessageEvent,
    )
  }

  breaks(code = 1006, reason = ''): void {
    this.isOpen = false
    this.onclose?.call(this as never, { code, reason } as CloseEvent)
  }
}

function scripted(server: ScriptedServer): new (url: string, protocols?: string[]) => Socket {
  return class extends ScriptedSocket {
    constructor(url: string, protocols?: string[]) {
      super(server, url, protocols)
    }
  }
}

function aborted(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
}
