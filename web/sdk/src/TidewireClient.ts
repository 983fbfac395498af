import { Closed, type ConnectionState } from './ConnectionState'
import { ElementCache } from './ElementCache'
import type { StreamEvent } from './events'
import { canonicalName, stateKey } from './Feed'
import { KeptPositions } from './KeptPositions'
import { Listeners } from './Listeners'
import { OwnSource } from './OwnSource'
import { type Settings, settingsOf, type TidewireOptions } from './Settings'
import type { Source, SubscriptionOwner } from './Source'
import { StatsPanel } from './StatsPanel'
import { type SubscribeOptions, Subscription } from './Subscription'
import { type Stats, Tally } from './Tally'
import type { TidewireError } from './TidewireError'
import { Token } from './Token'
import { TabSource } from './tabs/TabSource'

/** What a client tells of. */
export interface ClientEvents {
  /** The connection has changed. */
  state: ConnectionState
  /** Something went wrong; whether it may pass, the state says. */
  error: TidewireError
}

/**
 * A client of a Tidewire server. It connects with its first subscription, chooses the wire by itself, comes back after
 * every loss and resumes each subscription where it was.
 *
 * ```ts
 * const client = new TidewireClient({ url: 'http://127.0.0.1:8000' })
 * for await (const event of client.subscribe('flow-alerts', { history: 20 }))
 *   if (event.type === 'publication') console.log(event.data)
 * ```
 */
export class TidewireClient {
  readonly #settings: Settings
  readonly #tally = new Tally()
  #source: Source
  readonly #subscriptions = new Set<Subscription>()
  readonly #tickers = new Map<string, Subscription>()
  readonly #listeners: { readonly [N in keyof ClientEvents]: Listeners<ClientEvents[N]> } = {
    state: new Listeners(),
    error: new Listeners(),
  }
  readonly #kept: KeptPositions
  readonly #elements: ElementCache
  readonly #panel = new StatsPanel(() => this.getStats())
  /** The source as subscriptions see it: what they do is noted on the way. */
  readonly #owner: SubscriptionOwner = {
    detach: subscription => {
      this.#subscriptions.delete(subscription)
      this.#source.detach(subscription)
    },
    held: subscription => this.#source.held(subscription),
    taken: (subscription, count) => {
      this.#kept.moved(subscription)
      this.#source.taken(subscription, count)
    },
  }
  readonly #retryNow = (): void => this.#source.retryNow()
  #state: ConnectionState = Closed

  constructor(options: TidewireOptions = {}) {
    this.#settings = settingsOf(options)
    const { keepPositions, url, batchUpdateDelay, tabs, token } = this.#settings
    this.#kept = new KeptPositions(keepPositions, url)
    this.#elements = new ElementCache(batchUpdateDelay)
    const context = {
      settings: this.#settings,
      token: new Token(token, this.#settings.connectTimeout),
      tally: this.#tally,
    }
    const listener = {
      changed: (state: ConnectionState) => this.#changed(state),
      failed: (error: TidewireError) => this.#listeners.error.tell(error),
    }
    const own = (): Source => new OwnSource(context, listener)
    const unshared = (): void => {
      this.#source = own()
      for (const subscription of this.#subscriptions) this.#source.attach(subscription)
      this.#source.start()
    }
    this.#source = tabs === 'shared' ? new TabSource(context, listener, unshared) : own()
  }

  /** What the connection is doing. */
  get state(): ConnectionState {
    return this.#state
  }

  /** Calls the listener when the connection changes, or when something goes wrong. The result takes it away again. */
  on<N extends keyof ClientEvents>(name: N, listener: (value: ClientEvents[N]) => void): () => void {
    return this.#listeners[name].add(listener)
  }

  /** Connects without waiting for a subscription; does not wait for the next attempt when one is due. */
  connect(): void {
    if (this.#state.state === 'closed') {
      globalThis.addEventListener?.('online', this.#retryNow)
      this.#source.start()
    } else this.#source.retryNow()
  }

  /** Ends the connection. Subscriptions stay, and go on where they were with {@link connect}. */
  disconnect(): void {
    globalThis.removeEventListener?.('online', this.#retryNow)
    this.#kept.write()
    this.#source.stop()
  }

  /** Ends the connection and every subscription. */
  close(): void {
    for (const subscription of [...this.#subscriptions]) subscription.unsubscribe()
    this.#panel.hide()
    this.disconnect()
  }

  /** Ends the connection of every tab of this identity, and forgets its positions. */
  logout(): void {
    this.#source.logout()
    this.close()
    this.#kept.forget()
  }

  /**
   * Reads a channel: `flow-alerts`, `gex:SPY`. With a listener each event is handed to it; without, read the result with
   * `for await`, or give it listeners.
   */
  subscribe<T = unknown>(channel: string, listener: (event: StreamEvent<T>) => void): Subscription<T>
  subscribe<T = unknown>(
    channel: string,
    options?: SubscribeOptions,
    listener?: (event: StreamEvent<T>) => void,
  ): Subscription<T>
  subscribe<T>(
    channel: string,
    second: SubscribeOptions | ((event: StreamEvent<T>) => void) = {},
    listener = typeof second === 'function' ? second : undefined,
  ): Subscription<T> {
    const { maxQueueSize, maxMessagesPerSecond } = this.#settings
    const options: SubscribeOptions = typeof second === 'function' ? {} : { ...second }
    const name = canonicalName(channel)
    if (options.maxRate === undefined && maxMessagesPerSecond !== undefined && stateKey(name) !== null)
      options.maxRate = maxMessagesPerSecond
    const kept = options.since === undefined ? this.#kept.get(name, options.filter ?? null) : null
    if (kept !== null) options.since = kept
    const subscription = new Subscription<T>(channel, options, this.#owner, maxQueueSize)
    this.#subscriptions.add(subscription as Subscription)
    if (listener !== undefined) subscription.on('event', listener)
    this.#source.attach(subscription as Subscription)
    if (this.#state.state === 'closed') this.connect()
    return subscription
  }

  /** Reads the price of a ticker. One subscription for each; asked again it is the same one. */
  subscribeTicker<T = unknown>(ticker: string, listener?: (event: StreamEvent<T>) => void): Subscription<T> {
    const name = canonicalName(`ticker:${ticker}`)
    let subscription = this.#tickers.get(name)
    if (subscription === undefined || subscription.isEnded) {
      subscription = this.subscribe(name)
      this.#tickers.set(name, subscription)
    }
    if (listener !== undefined) subscription.on('event', listener as (event: StreamEvent) => void)
    return subscription as Subscription<T>
  }

  /** Ends what {@link subscribeTicker} began. */
  unsubscribeTicker(ticker: string): void {
    const name = canonicalName(`ticker:${ticker}`)
    this.#tickers.get(name)?.unsubscribe()
    this.#tickers.delete(name)
  }

  /** Shows the figures in a corner of the page, or takes them away. @returns whether they are shown now. */
  toggleStats(): boolean {
    return this.#panel.toggle()
  }

  /** Figures since the client was made. */
  getStats(): Stats {
    const { state, attempt, wire } = this.#state
    const tally = this.#tally
    let queueSize = 0
    for (const subscription of this.#subscriptions) queueSize += subscription.queueSize
    return {
      connected: state === 'connected',
      reconnecting: state === 'reconnecting' || state === 'offline',
      reconnectAttempts: attempt,
      messagesReceived: tally.received,
      messagesSent: tally.sent,
      updatesApplied: this.#elements.applied,
      reconnects: tally.reconnects,
      errors: tally.errors,
      lastMessageTime: tally.lastMessageAt === null ? null : new Date(tally.lastMessageAt).toISOString(),
      subscriptions: [...new Set([...this.#subscriptions].map(({ channel }) => channel))],
      queueSize,
      pendingUpdates: this.#elements.pending,
      cacheSize: this.#elements.size,
      roundTripMs: tally.roundTripMs,
      clockSkewMs: tally.clockSkewMs,
      lagMs: tally.lagMs,
      duplicates: tally.duplicates,
      wire,
    }
  }

  /**
   * Shows a value in an element when it differs from what is shown. Changes are gathered for `batchUpdateDelay`, then
   * shown together. @returns false when the element shows it already.
   */
  updateElementIfChanged(element: Element, value: unknown): boolean {
    return this.#elements.update(element, value)
  }

  /** Forgets what elements show. */
  clearCache(): void {
    this.#elements.clear()
  }

  #changed(state: ConnectionState): void {
    this.#state = state
    this.#listeners.state.tell(state)
  }
}
