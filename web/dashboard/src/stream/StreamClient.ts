import { Cell, type Readable } from './Cell'
import { ChannelCursor } from './ChannelCursor'
import { type Delivery, type GapFrame, parseServerFrame, type ServerFrame } from './frames'
import { ReconnectBackoff } from './ReconnectBackoff'
import type { ServerClock } from './ServerClock'

/** The first ping waits until the page has settled: sooner it would time our own start. */
const FirstPingAfter = 1_000
const PingEvery = 10_000
const PongWithin = 5_000
/** From the attempt to the server's first frame. */
const ConnectWithin = 8_000
/** A connection that held this long was a real one: the backoff starts over. */
const SettledAfter = 5_000

/** The page's own connection to the server. */
export interface Link {
  readonly phase: 'connecting' | 'open' | 'waiting'
  /** Attempts since the connection last held; 0 for the very first one. */
  readonly attempt: number
  /** When the next attempt is due, on the local clock, while waiting. */
  readonly nextAttemptAt: number | null
  /** The last ping's time to its pong, ms. */
  readonly roundTrip: number | null
  /** Whether the server has answered on the socket since the page was loaded. */
  readonly wasOpen: boolean
  readonly connectionId: string | null
}

/** An entry of a channel with its epoch; the pair (epoch, offset) is its identity. */
export type ChannelEntry = Delivery & { readonly epoch: string }

/** What a feature does with a channel. Entries come oldest first. */
export interface ChannelReader {
  /** The subscription stands. `historyFollows` is true when a history answer is on its way. */
  joined(historyFollows: boolean): void
  /** The server does not give this channel to this page, and says why. Asked again with the next connection. */
  refused(reason: string): void
  entries(entries: readonly ChannelEntry[], how: 'history' | 'live'): void
}

/** What of a WebSocket is used, so that a test can script the far side. */
export type Socket = Pick<WebSocket, 'onmessage' | 'onclose' | 'send' | 'close'>

/** What a feature needs of {@link StreamClient}: to read a channel until it no longer wants it. */
export interface Channels {
  subscribe(channel: string, history: number, reader: ChannelReader): () => void
}

/** Settings of {@link StreamClient}. */
export interface StreamClientOptions {
  readonly open: () => Socket
  readonly clock: ServerClock
  readonly random?: () => number
  readonly now?: () => number
}

interface Subscription {
  readonly channel: string
  readonly history: number
  readonly reader: ChannelReader
  readonly cursor: ChannelCursor
  /** The id of the last subscribe, by which its answer is known: a confirmation or an error. */
  requestId: string | null
  /** Whether that subscribe is confirmed. What comes before is the rest of an earlier subscription. */
  isConfirmed: boolean
  lastEntryAt: number | null
  /** A hole seen once is asked for again by resuming; the same hole after that is shown as a gap. */
  holeAfter: number | null
}

/**
 * One socket to `/api/ws`: it subscribes, resumes by position after every loss, notices a dead connection by its own
 * ping, and never gives up.
 */
export class StreamClient implements Channels {
  readonly #open: () => Socket
  readonly #clock: ServerClock
  readonly #now: () => number
  readonly #backoff: ReconnectBackoff
  readonly #link: Cell<Link>
  readonly #subscriptions = new Map<string, Subscription>()
  #socket: Socket | null = null
  #pingSentAt: number | null = null
  #requests = 0
  #retry: ReturnType<typeof setTimeout> | undefined
  #deadline: ReturnType<typeof setTimeout> | undefined
  #nextPing: ReturnType<typeof setTimeout> | undefined
  #settled: ReturnType<typeof setTimeout> | undefined
  #running = false

  constructor(options: StreamClientOptions) {
    this.#open = options.open
    this.#clock = options.clock
    this.#now = options.now ?? Date.now
    this.#backoff = new ReconnectBackoff(options.random)
    this.#link = new Cell<Link>({
      phase: 'connecting',
      attempt: 0,
      nextAttemptAt: null,
      roundTrip: null,
      wasOpen: false,
      connectionId: null,
    })
  }

  /** The state of the page's connection. */
  get link(): Readable<Link> {
    return this.#link
  }

  /**
   * Reads a channel from now on: `flow-alerts`, or with a ticker `gex:SPY`. `history` is how many earlier entries are
   * wanted at first. The result ends it, on the server too, so that it need not ask the provider for the channel.
   * A channel has one reader here at a time.
   */
  subscribe(channel: string, history: number, reader: ChannelReader): () => void {
    if (this.#subscriptions.has(channel)) throw new Error(`The channel ${channel} has a reader already`)
    const subscription: Subscription = {
      channel,
      history,
      reader,
      cursor: new ChannelCursor(),
      requestId: null,
      isConfirmed: false,
      lastEntryAt: null,
      holeAfter: null,
    }
    this.#subscriptions.set(channel, subscription)
    if (this.#link.get().phase === 'open') this.#join(subscription)
    return () => this.#leave(subscription)
  }

  /** Connects, and keeps connected until {@link stop}. */
  start(): void {
    if (this.#running) return
    this.#running = true
    this.#connect()
  }

  /** Ends the connection for good. */
  stop(): void {
    this.#running = false
    clearTimeout(this.#retry)
    this.#drop()
  }

  /** Does not wait for the next attempt. Nothing while a connection stands or is being made. */
  retryNow(): void {
    if (!this.#running || this.#link.get().phase !== 'waiting') return
    clearTimeout(this.#retry)
    this.#connect()
  }

  #connect(): void {
    this.#update({ phase: 'connecting', attempt: this.#backoff.attempts, nextAttemptAt: null })
    const socket = this.#open()
    this.#socket = socket
    this.#deadline = setTimeout(() => this.#lose(), ConnectWithin)
    socket.onmessage = event => {
      if (typeof event.data !== 'string') return
      const frame = parseServerFrame(event.data)
      if (frame !== null) this.#receive(frame)
    }
    socket.onclose = () => this.#lose()
  }

  /** Lets go of the socket. What a dying socket still says is not heard. */
  #drop(): void {
    clearTimeout(this.#deadline)
    clearTimeout(this.#settled)
    clearTimeout(this.#nextPing)
    this.#pingSentAt = null
    const socket = this.#socket
    this.#socket = null
    if (socket === null) return
    socket.onmessage = null
    socket.onclose = null
    socket.close()
  }

  #lose(): void {
    this.#drop()
    if (!this.#running) return
    const wait = this.#backoff.next()
    this.#update({
      phase: 'waiting',
      attempt: this.#backoff.attempts,
      nextAttemptAt: this.#now() + wait,
      roundTrip: null,
      connectionId: null,
    })
    this.#retry = setTimeout(() => this.#connect(), wait)
  }

  #receive(frame: ServerFrame): void {
    switch (frame.type) {
      case 'connection':
        this.#opened(frame.connectionId)
        return
      case 'pong':
        this.#answered()
        return
      case 'closing':
        if (!frame.reconnect) this.#backoff.exhaust()
        return
      case 'error':
        for (const subscription of this.#subscriptions.values()) {
          if (frame.id !== null && subscription.requestId === frame.id)
            subscription.reader.refused(frame.message)
        }
        return
      case 'subscription': {
        const subscription = this.#subscriptions.get(frame.channel)
        if (subscription === undefined || frame.action !== 'subscribed' || frame.position === null) return
        // A channel that was left and is read again has an older confirmation under way.
        if (frame.id !== null && frame.id !== subscription.requestId) return
        this.#joined(subscription, frame.position, frame.recovered)
        return
      }
      case 'position':
        this.#confirmed(frame.channel)?.cursor.moveTo(frame.position)
        return
      case 'history': {
        const subscription = this.#confirmed(frame.channel)
        if (subscription !== undefined) this.#history(subscription, frame.entries)
        return
      }
      case 'message':
      case 'gap': {
        const subscription = this.#confirmed(frame.channel)
        if (subscription !== undefined) this.#deliver(subscription, frame)
        return
      }
      default:
        frame satisfies never
    }
  }

  #opened(connectionId: string | null): void {
    clearTimeout(this.#deadline)
    this.#settled = setTimeout(() => this.#backoff.reset(), SettledAfter)
    this.#update({ phase: 'open', nextAttemptAt: null, wasOpen: true, connectionId })
    for (const subscription of this.#subscriptions.values()) this.#join(subscription)
    this.#nextPing = setTimeout(() => this.#ping(), FirstPingAfter)
  }

  #ping(): void {
    this.#nextPing = setTimeout(() => this.#ping(), PingEvery)
    this.#pingSentAt = this.#now()
    this.#send({ type: 'ping' })
    clearTimeout(this.#deadline)
    this.#deadline = setTimeout(() => this.#lose(), PongWithin)
  }

  #answered(): void {
    if (this.#pingSentAt === null) return
    clearTimeout(this.#deadline)
    this.#update({ roundTrip: Math.max(0, this.#now() - this.#pingSentAt) })
    this.#pingSentAt = null
  }

  #confirmed(channel: string): Subscription | undefined {
    const subscription = this.#subscriptions.get(channel)
    return subscription?.isConfirmed === true ? subscription : undefined
  }

  #leave(subscription: Subscription): void {
    const { channel } = subscription
    if (this.#subscriptions.get(channel) !== subscription) return
    this.#subscriptions.delete(channel)
    if (this.#link.get().phase === 'open') this.#send({ type: 'unsubscribe', channel })
  }

  #join(subscription: Subscription): void {
    const { channel, history, cursor } = subscription
    const since = cursor.position
    const id = this.#nextId()
    subscription.requestId = id
    subscription.isConfirmed = false
    this.#send(
      since === null
        ? { type: 'subscribe', channel, history, id }
        : { type: 'subscribe', channel, since, id },
    )
  }

  #joined(subscription: Subscription, tail: { epoch: string; offset: number }, recovered: boolean): void {
    const { channel, history, cursor, reader } = subscription
    const isFirst = cursor.position === null
    subscription.isConfirmed = true
    cursor.join(tail, recovered)
    reader.joined(!recovered)
    // The first join asked for history in the same breath; a resume that failed asks now.
    if (!isFirst && !recovered) this.#send({ type: 'history', channel, limit: history, id: this.#nextId() })
  }

  #history(subscription: Subscription, entries: readonly Delivery[]): void {
    const { cursor } = subscription
    const epoch = cursor.position?.epoch ?? ''
    const { fresh, seam } = cursor.history(entries)
    const shown: ChannelEntry[] = []
    if (seam !== null) {
      const first = fresh[0]
      const to = first === undefined ? this.#clock.now() : timeOf(first)
      const offset = (first?.offset ?? (cursor.position?.offset ?? 0) + 1) - 0.5
      shown.push({ ...this.#localGap(subscription, offset, to, seam.missing), epoch })
    }
    for (const entry of fresh) shown.push({ ...entry, epoch })
    this.#show(subscription, shown, 'history')
  }

  #deliver(subscription: Subscription, delivery: Delivery): void {
    const { cursor } = subscription
    const before = cursor.position
    const verdict = cursor.judge(delivery)
    if (before === null || verdict.kind === 'duplicate') return
    const epoch = before.epoch
    if (verdict.kind === 'next') {
      this.#show(subscription, [{ ...delivery, epoch }], 'live')
      return
    }
    if (subscription.holeAfter !== before.offset) {
      subscription.holeAfter = before.offset
      this.#lose()
      return
    }
    const gap = this.#localGap(subscription, delivery.offset - 0.5, timeOf(delivery), verdict.missing)
    cursor.moveTo({ epoch, offset: delivery.offset })
    this.#show(
      subscription,
      [
        { ...gap, epoch },
        { ...delivery, epoch },
      ],
      'live',
    )
  }

  #show(subscription: Subscription, entries: readonly ChannelEntry[], how: 'history' | 'live'): void {
    const last = entries.at(-1)
    if (last !== undefined) subscription.lastEntryAt = timeOf(last) ?? subscription.lastEntryAt
    subscription.reader.entries(entries, how)
  }

  /** A gap this page noticed itself. It stands between two offsets, so its own has a half. */
  #localGap(subscription: Subscription, offset: number, to: number | null, missing: number | null): GapFrame {
    return {
      type: 'gap',
      channel: subscription.channel,
      offset,
      from: subscription.lastEntryAt,
      to,
      count: missing,
      reason: 'not_recovered',
      backfilled: false,
      skipped: 0,
    }
  }

  #send(frame: object): void {
    // A socket that is already closing throws; its close event follows and reconnects.
    try {
      this.#socket?.send(JSON.stringify(frame))
    } catch (error) {
      if (!(error instanceof DOMException)) throw error
    }
  }

  #nextId(): string {
    this.#requests++
    return String(this.#requests)
  }

  #update(change: Partial<Link>): void {
    this.#link.set({ ...this.#link.get(), ...change })
  }
}

function timeOf(entry: Delivery): number | null {
  return entry.type === 'message' ? entry.receivedAt : entry.to
}
