import type { ConnectionListener } from '../Connection'
import { Closed, Connecting } from '../ConnectionState'
import type { Source } from '../Source'
import type { Subscription } from '../Subscription'
import { TidewireError } from '../TidewireError'
import type { WireContext } from '../wires/Wire'
import { electedHub, type FindHub, sharedWorkerHub } from './hubs'
import { identityOf } from './identity'
import type { HubMessage, TabMessage, TabPort } from './messages'

const BeatEvery = 10_000
/** A hub that does not answer for so long is gone. */
const AnswerWithin = 25_000
/** A hub in a worker says so within this time. */
const ReadyWithin = 4000
const Turns = ['pagehide', 'pageshow']
/** Events taken are told in portions. */
const Portion = 64

interface Reader {
  readonly id: number
  taken: number
}

/**
 * The connection that tabs share, from the side of one tab. The tab keeps its positions: with another hub it goes on
 * where it was, with nothing lost and nothing twice.
 */
export class TabSource implements Source {
  readonly #context: WireContext
  readonly #listener: ConnectionListener
  readonly #readers = new Map<Subscription, Reader>()
  readonly #unshared: () => void
  readonly #ways: FindHub[]
  #ids = 0
  #run = 0
  #port: TabPort | null = null
  #isReady = false
  #isRelaying = false
  #leave: (() => void) | null = null
  #heardAt = 0
  #beat: ReturnType<typeof setInterval> | undefined
  #ready: ReturnType<typeof setTimeout> | undefined
  /** A page that is left says so; one that comes back finds out that it was forgotten, and says hello again. */
  readonly #turned = ({ type }: Event): void => this.#post({ t: type === 'pagehide' ? 'bye' : 'beat' })

  /** `unshared` is called when this platform lets nothing be shared. */
  constructor(
    context: WireContext,
    listener: ConnectionListener,
    unshared: () => void,
    ways: FindHub[] = waysHere(),
  ) {
    this.#context = context
    this.#unshared = unshared
    this.#listener = listener
    this.#ways = ways
  }

  attach(subscription: Subscription): void {
    const reader = { id: ++this.#ids, taken: 0 }
    this.#readers.set(subscription, reader)
    if (this.#isReady) this.#ask(subscription, reader)
  }

  detach(subscription: Subscription): void {
    const reader = this.#readers.get(subscription)
    this.#readers.delete(subscription)
    if (reader !== undefined) this.#post({ t: 'unsub', id: reader.id })
  }

  held(): void {
    // The hub sends no more than there is room for.
  }

  taken(subscription: Subscription, count: number): void {
    const reader = this.#readers.get(subscription)
    if (reader === undefined) return
    reader.taken += count
    const isMore = this.#isRelaying || subscription.queueSize > 0
    if (reader.taken === 0 || (isMore && reader.taken < Portion)) return
    this.#post({ t: 'ack', id: reader.id, count: reader.taken })
    reader.taken = 0
  }

  start(): void {
    for (const turn of Turns) globalThis.addEventListener(turn, this.#turned)
    this.#listener.changed(Connecting)
    void this.#link()
  }

  stop(): void {
    this.#letGo()
    this.#listener.changed(Closed)
  }

  retryNow(): void {
    this.#post({ t: 'retry' })
  }

  logout(): void {
    this.#post({ t: 'logout' })
    this.stop()
  }

  /** Finds a hub, by the next way when one fails. */
  async #link(way = 0): Promise<void> {
    const run = ++this.#run
    const { token, settings } = this.#context
    let identity: string | null
    try {
      identity = await identityOf(await token.get())
    } catch (fault) {
      if (fault instanceof TidewireError) this.#listener.failed(fault)
      if (run === this.#run) this.#ready = setTimeout(() => void this.#link(way), settings.reconnectDelay)
      return
    }
    if (run !== this.#run) return
    const find = this.#ways[way]
    if (identity === null || find === undefined) {
      this.#letGo()
      this.#unshared()
      return
    }
    const next = (): void => {
      if (run !== this.#run) return
      this.#unlink()
      void this.#link(way + 1)
    }
    try {
      this.#leave = find(`tidewire ${settings.url} ${identity}`, port => this.#found(port), next)
    } catch {
      next()
      return
    }
    // The last way waits: an elected hub may be yet to come.
    if (way + 1 < this.#ways.length) this.#ready = setTimeout(next, ReadyWithin)
    this.#heardAt = performance.now()
    this.#beat = setInterval(() => this.#check(way), BeatEvery)
  }

  #letGo(): void {
    for (const turn of Turns) globalThis.removeEventListener(turn, this.#turned)
    this.#unlink()
  }

  #unlink(): void {
    this.#run++
    this.#post({ t: 'bye' })
    clearInterval(this.#beat)
    clearTimeout(this.#ready)
    this.#isReady = false
    this.#port = null
    this.#leave?.()
    this.#leave = null
  }

  #check(way: number): void {
    if (performance.now() - this.#heardAt > AnswerWithin + BeatEvery) {
      this.#unlink()
      this.#listener.changed({ ...Connecting, state: 'reconnecting' })
      void this.#link(way)
    } else this.#post({ t: 'beat' })
  }

  #found(port: TabPort): void {
    const isAnother = this.#port !== null && this.#isReady
    this.#port = port
    this.#isReady = false
    port.onmessage = ({ data }) => {
      if (this.#port !== port) return
      this.#heardAt = performance.now()
      this.#receive(data as HubMessage)
    }
    if (isAnother) this.#listener.changed({ ...Connecting, state: 'reconnecting' })
  }

  #receive(message: HubMessage): void {
    const { tally } = this.#context
    switch (message.t) {
      case 'ready':
        clearTimeout(this.#ready)
        void this.#hello()
        return
      case 'state':
        this.#listener.changed(message.state)
        return
      case 'events': {
        const subscription = this.#of(message.id)
        // What is taken of one message is told with one.
        this.#isRelaying = true
        for (const event of message.events) {
          tally.received++
          tally.lastMessageAt = this.#heardAt
          if (event.type === 'publication') tally.published(event)
          subscription?.relay(event)
        }
        this.#isRelaying = false
        if (subscription !== undefined) this.taken(subscription, 0)
        return
      }
      case 'error': {
        tally.errors++
        const subscription = this.#of(message.id)
        const error = new TidewireError(message.code, message.message, subscription?.channel ?? null)
        if (message.id === null) this.#listener.failed(error)
        else if (message.isFinal) subscription?.fail(error)
        else subscription?.warn(error)
        return
      }
      case 'token?':
        this.#context.token.renew()
        this.#context.token.get().then(
          token => this.#post({ t: 'token', token }),
          () => undefined, // the hub asks again with its next attempt
        )
        return
      case 'beat':
        Object.assign(tally, message.figures)
        return
      case 'logout':
        this.stop()
        for (const subscription of [...this.#readers.keys()])
          subscription.fail(new TidewireError(4001, 'Signed out in another tab.', subscription.channel))
        return
      default:
        message satisfies never
    }
  }

  async #hello(): Promise<void> {
    const port = this.#port
    const { token, settings } = this.#context
    // What is a function cannot be sent; the token is, only when it is one.
    const { token: _token, WebSocket: _socket, fetch: _fetch, random: _random, ...plain } = settings
    const held = token.canRenew ? null : await token.get()
    if (this.#port !== port) return
    this.#isReady = true
    this.#post({ t: 'hello', settings: plain, token: held, canRenew: token.canRenew })
    for (const [subscription, reader] of this.#readers) this.#ask(subscription, reader)
  }

  #ask(subscription: Subscription, reader: Reader): void {
    const { channel, filter, maxRate, history, readPosition: since } = subscription
    reader.taken = 0
    this.#post({
      t: 'sub',
      id: reader.id,
      channel,
      options: {
        ...(since !== null && { since: { epoch: since.epoch, offset: since.offset } }),
        ...(filter !== null && { filter }),
        ...(maxRate !== null && { maxRate }),
        ...(history !== null && { history }),
      },
    })
  }

  #of(id: number | null): Subscription | undefined {
    return [...this.#readers].find(([, reader]) => reader.id === id)?.[0]
  }

  #post(message: TabMessage): void {
    if (this.#isReady) this.#port?.postMessage(message)
  }
}

function waysHere(): FindHub[] {
  const ways: FindHub[] = []
  if (typeof SharedWorker !== 'undefined') ways.push(sharedWorkerHub)
  if (globalThis.navigator?.locks !== undefined && typeof BroadcastChannel !== 'undefined')
    ways.push(electedHub)
  return ways
}
