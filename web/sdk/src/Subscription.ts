import { EventQueue } from './EventQueue'
import type { Advance, Entry, Missed, StreamEvent } from './events'
import { canonicalName, type KeyOf, stateKey } from './Feed'
import { Listeners, surface } from './Listeners'
import type { Position } from './Position'
import type { SubscriptionOwner } from './Source'
import { LocalFault, TidewireError } from './TidewireError'

/** What of a channel is wanted. */
export interface SubscribeOptions {
  /** Go on after this position. */
  since?: Position
  /** Show only what passes, such as `premium >= 500K and ticker in (SPY, TSLA)`. */
  filter?: string
  /** Of a state feed: how often a second it is shown at most; 0 for as it comes. */
  maxRate?: number
  /** First so many entries of the past, up to 1000. */
  history?: number
  /** Of a state feed: what names the state that a payload replaces, null for none. Known for the feeds of the catalogue. */
  key?: KeyOf
}

/** The name of an event of a subscription. */
export type EventName = StreamEvent['type']

/** The event of a name. */
export type EventOf<T, N extends EventName> = Extract<StreamEvent<T>, { type: N }>

/**
 * A cursor in one channel. Read it with `for await`, or give it listeners; without either it waits, and holds no more
 * than `maxQueueSize` events.
 *
 * What a slow consumer cannot take: of a state feed the newest value of each key stays, and the others are counted in
 * `merged`; of an event feed nothing is merged, the subscription stops reading and later reads on from there.
 */
export class Subscription<T = unknown> implements AsyncIterable<StreamEvent<T>> {
  /** The canonical name of the channel. */
  readonly channel: string
  readonly filter: string | null
  readonly maxRate: number | null
  readonly history: number | null

  readonly #owner: SubscriptionOwner
  readonly #most: number
  readonly #key: KeyOf | null
  readonly #queue = new EventQueue()
  readonly #listeners = new Map<string, Listeners<unknown>>()
  /** Listeners that events are handed to; without any they wait. */
  #takers = 0
  /** How far entries were read from the source; ahead of the consumer by what is queued. */
  #read: Position | null
  #consumed: Position | null
  #isHeld = false
  #isPaused = false
  #isEnded = false
  #isDraining = false
  #error: TidewireError | null = null
  #wakes: (() => void)[] = []
  /** Told when something can be taken or the subscription ended; for who pulls with {@link take}. */
  onReadable: (() => void) | null = null

  /** Made by `client.subscribe`. */
  constructor(channel: string, options: SubscribeOptions, owner: SubscriptionOwner, maxQueueSize: number) {
    this.channel = canonicalName(channel)
    if (!/^(@[^/\s]+\/)?[^:/\s@]+(:[^/\s]+)?$/.test(this.channel))
      throw new TidewireError(LocalFault, `'${channel}' is no channel name, such as flow-alerts or gex:SPY.`)
    this.filter = options.filter ?? null
    this.maxRate = options.maxRate ?? null
    this.history = options.history ?? null
    this.#owner = owner
    this.#most = maxQueueSize
    this.#key = options.key ?? stateKey(this.channel)
    this.#read = options.since ?? null
    this.#consumed = this.#read
  }

  /** The last position that the consumer has been given: what to resume after. Null before the first. */
  get position(): Position | null {
    return this.#consumed === null ? null : plain(this.#consumed)
  }

  /** How far entries were read from the source. */
  get readPosition(): Position | null {
    return this.#read
  }

  /** It reads nothing for now: its queue is full. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** It was unsubscribed, or it failed. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Why it ended, when it was not unsubscribed. */
  get error(): TidewireError | null {
    return this.#error
  }

  /** Events that wait for the consumer. */
  get queueSize(): number {
    return this.#queue.length
  }

  /** Calls the listener with each event of a name, or with its error. The result takes it away again. */
  on<N extends EventName>(name: N, listener: (event: EventOf<T, N>) => void): () => void
  on(name: 'error', listener: (error: TidewireError) => void): () => void
  on(name: 'event', listener: (event: StreamEvent<T>) => void): () => void
  on(name: EventName | 'error' | 'event', listener: (value: never) => void): () => void {
    const those = this.#listeners.get(name) ?? new Listeners()
    this.#listeners.set(name, those)
    const remove = those.add(listener as (value: unknown) => void)
    const counts = name === 'error' ? 0 : 1
    this.#takers += counts
    this.#drain()
    return () => {
      if (remove()) this.#takers -= counts
    }
  }

  /** The consumer takes nothing until {@link resume}. */
  pause(): void {
    this.#isPaused = true
  }

  /** The consumer takes on. */
  resume(): void {
    this.#isPaused = false
    this.#drain()
    this.#wakeUp()
  }

  /** Ends it, on the server too. What waits is dropped. */
  unsubscribe(): void {
    this.#queue.clear()
    this.#end(null)
  }

  /** The events, oldest first. Ends with the subscription; leaving the loop unsubscribes. */
  [Symbol.asyncIterator](): AsyncIterator<StreamEvent<T>> {
    return {
      next: async () => {
        while (true) {
          const event = this.#isPaused ? undefined : this.take()
          if (event !== undefined) return { done: false, value: event }
          if (this.#isEnded) {
            if (this.#error !== null) throw this.#error
            return { done: true, value: undefined }
          }
          await new Promise<void>(resolve => {
            this.#wakes.push(resolve)
          })
        }
      },
      return: async () => {
        this.unsubscribe()
        return { done: true, value: undefined }
      },
    }
  }

  /** The next event, if one waits. */
  take(): StreamEvent<T> | undefined {
    while (true) {
      const next = this.takeQueued()
      if (next?.type === 'advance') continue
      return next as StreamEvent<T> | undefined
    }
  }

  /** The same, with what is not shown. */
  takeQueued(): StreamEvent<T> | Advance | undefined {
    const next = this.#queue.shift()
    if (next === undefined) return undefined
    if (moves(next)) this.#consumed = next
    this.#owner.taken(this as Subscription, next.type === 'advance' ? 0 : 1)
    if (this.#isHeld && this.#queue.length <= this.#most / 2) {
      this.#isHeld = false
      this.#owner.held(this as Subscription)
    }
    return next as StreamEvent<T> | Advance
  }

  // ---- what the source tells

  /** The subscription stands and begins after the position. */
  confirmed(position: Position, recovered: boolean): void {
    const isSilent = this.#isHeld
    this.#read = position
    if (!isSilent) this.#push({ type: 'subscribed', channel: this.channel, ...plain(position), recovered })
  }

  /** It could not be resumed, and goes on after the position. */
  reset(position: Position, reason: string): void {
    this.#read = position
    this.#push({ type: 'reset', channel: this.channel, ...plain(position), reason })
  }

  /** An entry in order. False when there was no room for it: the subscription is held then. */
  accept(entry: Entry): boolean {
    // The past that was asked for is bounded by itself, and would not come again.
    if (moves(entry) && this.#queue.length >= this.#most && !this.#makeRoom()) {
      this.#isHeld = true
      this.#owner.held(this as Subscription)
      return false
    }
    if (moves(entry)) this.#read = entry
    this.#push(entry)
    return true
  }

  /** Entries that show nothing were passed over. */
  advance(position: Position, merged: number, filtered: number): void {
    this.#read = position
    this.#push({ type: 'advance', ...plain(position), merged, filtered })
  }

  /** Offsets did not come. */
  missed(epoch: string, from: number, to: number): void {
    this.#push({ type: 'missed', channel: this.channel, epoch, from, to, reason: 'missed' })
  }

  /** An event of a source that has judged it already. */
  relay(event: StreamEvent | Advance): void {
    if (moves(event)) {
      const at = this.#read
      if ('merged' in event && at?.epoch === event.epoch && event.offset <= at.offset) {
        if (event.type !== 'advance') this.#owner.taken(this as Subscription, 1)
        return
      }
      this.#read = event
    }
    this.#push(event)
  }

  /** It cannot be served. */
  fail(error: TidewireError): void {
    this.#end(error)
  }

  /** Something is wrong that may pass. */
  warn(error: TidewireError): void {
    this.#tell('error', error)
  }

  // ---- inside

  #makeRoom(): boolean {
    if (this.#key === null) return false
    try {
      this.#queue.conflate(this.#key)
    } catch (error) {
      surface(error) // the key is the program's own: without it nothing is merged
      return false
    }
    // Where hardly anything went, the next entry would sort it all again for nothing.
    return this.#queue.length <= this.#most * 0.75
  }

  #push(event: StreamEvent | Advance): void {
    if (this.#isEnded) return
    this.#queue.push(event)
    if (this.#isDraining) return
    this.#drain()
    this.#wakeUp()
  }

  #wakeUp(): void {
    for (const wake of this.#wakes.splice(0)) wake()
    this.onReadable?.()
  }

  #tell(name: string, value: unknown): void {
    this.#listeners.get(name)?.tell(value)
  }

  #drain(): void {
    if (this.#isDraining || this.#takers === 0) return
    this.#isDraining = true
    while (!this.#isPaused) {
      const event = this.take()
      if (event === undefined) break
      this.#tell(event.type, event)
      this.#tell('event', event)
    }
    this.#isDraining = false
  }

  #end(error: TidewireError | null): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#error = error
    this.#owner.detach(this as Subscription)
    if (error !== null) this.#tell('error', error)
    this.#wakeUp()
  }
}

/** Whether the reader stands there afterwards. The past that was asked for moves nobody. */
function moves(event: StreamEvent | Advance): event is Exclude<StreamEvent, Missed> | Advance {
  return event.type !== 'missed' && !('history' in event && event.history)
}

function plain(position: Position): Position {
  return { epoch: position.epoch, offset: position.offset }
}
