import type { Advance, StreamEvent } from '../events'
import type { OwnSource } from '../OwnSource'
import { Subscription } from '../Subscription'
import type { HubMessage, TabMessage, TabPort } from './messages'

interface Reader {
  readonly subscription: Subscription
  /** So many events more may be sent before the tab has taken some: a tab that stalls fills nobody's memory. */
  credit: number
  /** Taking an event may bring the next ones at once, which are taken in their turn. */
  isPumped: boolean
}

/** A tab as the hub sees it. */
export class Tab {
  readonly port: TabPort
  heardAt = performance.now()
  maxQueueSize = 1000
  canRenew = false
  readonly #readers = new Map<number, Reader>()
  #waiting = new Map<number, (StreamEvent | Advance)[]>()

  constructor(port: TabPort) {
    this.port = port
  }

  post(message: HubMessage): void {
    this.port.postMessage(message)
  }

  subscribe({ id, channel, options }: Extract<TabMessage, { t: 'sub' }>, source: OwnSource): void {
    this.unsubscribe(id)
    const subscription = new Subscription(channel, options, source, this.maxQueueSize)
    const reader: Reader = { subscription, credit: this.maxQueueSize, isPumped: false }
    this.#readers.set(id, reader)
    subscription.onReadable = () => this.#pump(id, reader)
    subscription.on('error', error => {
      const { code, message } = error
      this.post({ t: 'error', id, code, message, isFinal: subscription.isEnded })
    })
    source.attach(subscription)
  }

  unsubscribe(id: number): void {
    const reader = this.#readers.get(id)
    if (reader === undefined) return
    this.#readers.delete(id)
    reader.subscription.onReadable = null
    reader.subscription.unsubscribe()
  }

  taken(id: number, count: number): void {
    const reader = this.#readers.get(id)
    if (reader === undefined) return
    reader.credit += count
    this.#pump(id, reader)
  }

  /** Ends all it reads. */
  forget(): void {
    for (const id of [...this.#readers.keys()]) this.unsubscribe(id)
    this.#waiting.clear()
  }

  #pump(id: number, reader: Reader): void {
    if (reader.isPumped) return
    reader.isPumped = true
    while (reader.credit > 0) {
      const event = reader.subscription.takeQueued()
      if (event === undefined) break
      if (event.type !== 'advance') reader.credit--
      // What one message of the server brings goes to the tab as one.
      if (this.#waiting.size === 0) queueMicrotask(() => this.#flush())
      const events = this.#waiting.get(id)
      if (events === undefined) this.#waiting.set(id, [event])
      else events.push(event)
    }
    reader.isPumped = false
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = new Map()
    for (const [id, events] of waiting) if (this.#readers.has(id)) this.post({ t: 'events', id, events })
  }
}
