import { Backoff } from './Backoff'
import { Channel, type ChannelLink, type Past } from './Channel'
import { Closed, Connecting, type ConnectionState } from './ConnectionState'
import { countOf, type Frame, textOr } from './frames'
import type { WireKind } from './Settings'
import type { Subscription } from './Subscription'
import { LocalFault, ruleOf, stopped, TidewireError } from './TidewireError'
import { fetchPast, HttpWire } from './wires/HttpWire'
import { WebSocketWire } from './wires/WebSocketWire'
import type { Join, Wire, WireContext, WireEnd, WireListener } from './wires/Wire'
import { WireChoice } from './wires/WireChoice'

/** How long to stay away at least when the server has no room, in reconnect delays; and at most, ms. */
const LaterDelays = 5
const LaterAtMost = 5000
/** When what was refused for now is asked again, ms. */
const AskAgainAfter = 10_000
const NotSubscribed = 109
/** A connection that held for so long was a good one, ms. */
const HeldFor = 10_000

/** What a connection tells. */
export interface ConnectionListener {
  changed(state: ConnectionState): void
  failed(error: TidewireError): void
}

/**
 * Keeps connected over whichever wire works, and its channels joined. After each loss every channel resumes where it was;
 * moving to a better wire is a loss that it brings about itself.
 */
export class Connection implements ChannelLink {
  readonly #context: WireContext
  readonly #listener: ConnectionListener
  readonly #backoff: Backoff
  readonly #choice: WireChoice
  readonly #channels = new Map<string, Channel>()
  #state: ConnectionState = Closed
  #wire: Wire | null = null
  #trial: Wire | null = null
  #wasConnected = false
  #openedAt = Number.POSITIVE_INFINITY
  #ids = 0
  #retry: ReturnType<typeof setTimeout> | undefined
  #better: ReturnType<typeof setTimeout> | undefined
  readonly #pending = new Set<ReturnType<typeof setTimeout>>()

  constructor(context: WireContext, listener: ConnectionListener) {
    const { reconnectDelay, reconnectBackoffMultiplier, maxReconnectDelay, random, wires, upgradeInterval } =
      context.settings
    this.#context = context
    this.#listener = listener
    this.#backoff = new Backoff(reconnectDelay, reconnectBackoffMultiplier, maxReconnectDelay, random)
    this.#choice = new WireChoice(wires, upgradeInterval)
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** A wire over HTTP opens with its first channel. */
  get isOpen(): boolean {
    return this.#state.state === 'connected' || (this.#wire !== null && this.#wire.kind !== 'websocket')
  }

  get isEmpty(): boolean {
    return this.#channels.size === 0
  }

  get tally(): WireContext['tally'] {
    return this.#context.tally
  }

  /** False when it holds the channel with another filter or rate already. */
  add(subscription: Subscription): boolean {
    let channel = this.#channels.get(subscription.channel)
    if (channel !== undefined && !channel.suits(subscription)) return false
    if (channel === undefined) {
      channel = new Channel(subscription, this)
      this.#channels.set(subscription.channel, channel)
    }
    channel.add(subscription)
    return true
  }

  remove(subscription: Subscription): void {
    const channel = this.#channels.get(subscription.channel)
    if (channel === undefined) return
    channel.remove(subscription)
    if (channel.isEmpty) this.#channels.delete(subscription.channel)
  }

  held(subscription: Subscription): void {
    this.#channels.get(subscription.channel)?.held()
  }

  start(): void {
    if (this.#state.state === 'closed') this.#connect()
  }

  stop(): void {
    this.#drop()
    this.#wasConnected = false
    this.#backoff.reset()
    this.#change(Closed)
  }

  retryNow(): void {
    if (this.#state.state === 'offline') this.#connect()
  }

  // ---- what channels ask

  nextId(): number {
    return ++this.#ids
  }

  join(join: Join): void {
    this.#wire?.join(join)
  }

  leave(channel: string): void {
    this.#wire?.leave(channel)
  }

  past(channel: string, filter: string | null, history: number): Promise<Past> {
    return fetchPast(this.#context, channel, filter, history)
  }

  later(action: () => void): void {
    const timer = setTimeout(() => {
      this.#pending.delete(timer)
      action()
    }, AskAgainAfter)
    this.#pending.add(timer)
  }

  // ---- the connection

  #connect(): void {
    clearTimeout(this.#retry)
    this.#openedAt = Number.POSITIVE_INFINITY
    const kind = this.#choice.present
    const state = this.#wasConnected || this.#backoff.attempts > 0 ? 'reconnecting' : 'connecting'
    this.#change({ ...Connecting, state, attempt: this.#backoff.attempts, wire: kind })
    const wire: Wire = this.#open(kind, {
      opened: () => this.#opened(),
      received: frame => this.#receive(frame),
      ended: end => this.#lost(kind, end),
    })
    this.#wire = wire
    if (kind !== 'websocket') this.#joinAll()
  }

  #open(kind: WireKind, listener: WireListener): Wire {
    return kind === 'websocket'
      ? new WebSocketWire(this.#context, listener)
      : new HttpWire(kind, this.#context, listener)
  }

  /** A wire over HTTP shows that it works by serving a channel; what it serves on trial is not heard. */
  #probe(wire: Wire): void {
    const first = this.#channels.values().next().value
    if (wire.kind === 'websocket' || first === undefined) return
    const { name: channel, filter } = first
    wire.join({ id: 0, channel, filter, maxRate: null, since: null, history: null })
  }

  #opened(): void {
    const kind = this.#choice.present
    this.#choice.worked()
    this.#openedAt = performance.now()
    if (this.#wasConnected) this.tally.reconnects++
    this.#wasConnected = true
    this.#change({ ...Connecting, state: 'connected', wire: kind })
    if (kind === 'websocket') this.#joinAll()
    this.#tryBetterLater()
  }

  #receive(frame: Frame): void {
    if (frame.type === 'error') {
      const id = frame.id
      for (const channel of this.#channels.values()) channel.receive(frame)
      if (typeof id !== 'number' && frame.code !== NotSubscribed) {
        this.tally.errors++
        this.#listener.failed(new TidewireError(countOf(frame.code), textOr(frame.message, '')))
      }
      return
    }
    // That it opened proves little: it may be greeted and turned away again and again.
    if (frame.type === 'subscription') this.#backoff.reset()
    if (typeof frame.channel === 'string') this.#channels.get(frame.channel)?.receive(frame)
  }

  #lost(kind: WireKind, end: WireEnd): void {
    this.#drop()
    if (end.worked) this.#choice.worked()
    else if (end.isOurs !== true) this.#choice.failed()
    if (performance.now() - this.#openedAt > HeldFor) this.#backoff.reset()
    const rule = ruleOf(end.code, end.reconnect)
    const { token, settings } = this.#context
    if (rule === 'stop' || (rule === 'renew' && !token.canRenew)) {
      this.tally.errors++
      this.stop()
      const why = stopped(end.code, end.reason)
      for (const channel of [...this.#channels.values()]) channel.fail(why)
      this.#listener.failed(why)
      return
    }
    if (rule === 'renew') token.renew()
    if (!end.worked) {
      this.tally.errors++
      this.#listener.failed(
        new TidewireError(
          LocalFault,
          end.isOurs === true ? end.reason : `The wire ${kind} failed: ${end.reason || 'no answer'}.`,
        ),
      )
    }
    const least =
      rule === 'later'
        ? Math.min(settings.reconnectDelay * LaterDelays, settings.maxReconnectDelay, LaterAtMost)
        : (end.retryAfter ?? 0)
    // Jitter on top: those who were turned away together do not come back together.
    const wait = least * (1 + settings.random()) + this.#backoff.next()
    this.#change({
      state: 'offline',
      attempt: this.#backoff.attempts,
      retryAt: Date.now() + wait,
      wire: this.#choice.present,
    })
    this.#retry = setTimeout(() => this.#connect(), wait)
  }

  #drop(): void {
    for (const timer of [this.#retry, this.#better, ...this.#pending]) clearTimeout(timer)
    this.#pending.clear()
    this.#trial?.close()
    this.#wire?.close()
    this.#trial = this.#wire = null
    for (const channel of this.#channels.values()) channel.lost()
  }

  // ---- a better wire

  #tryBetterLater(): void {
    if (this.#choice.better !== null)
      this.#better = setTimeout(() => this.#tryBetter(), this.#choice.betterAfter)
  }

  #tryBetter(): void {
    const kind = this.#choice.better
    if (kind === null) return
    const trial: Wire = this.#open(kind, {
      opened: () => this.#moveTo(trial),
      received: frame => {
        if (this.#wire === trial) this.#receive(frame)
      },
      ended: end => {
        if (this.#wire === trial) this.#lost(kind, end)
        else this.#betterFailed()
      },
    })
    this.#trial = trial
    this.#probe(trial)
  }

  #betterFailed(): void {
    this.#trial = null
    this.#choice.betterFailed()
    this.#tryBetterLater()
  }

  /** Every channel goes on over the other wire, from the position it has reached. */
  #moveTo(trial: Wire): void {
    if (this.#trial !== trial) return
    this.#trial = null
    this.#wire?.close()
    this.#wire = trial
    this.#choice.moveUp()
    this.#change({ ...this.#state, wire: trial.kind })
    for (const channel of this.#channels.values()) channel.lost()
    this.#joinAll()
    this.#tryBetterLater()
  }

  #joinAll(): void {
    for (const channel of this.#channels.values()) channel.join()
  }

  #change(state: ConnectionState): void {
    this.#state = state
    this.#listener.changed(state)
  }
}
