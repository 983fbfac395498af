import type { StreamEvent, Subscription, TidewireClient } from '@tidewire/sdk'
import { Cell, type Readable } from './Cell'
import type { ChannelReader, Channels } from './Channels'
import { EntryReading } from './EntryReading'

/** The channels of a server, read with the SDK: over one connection for all tabs. */
export class TidewireChannels implements Channels {
  readonly #client: TidewireClient
  readonly #refused = new Set<() => void>()
  readonly #names: string[] = []
  readonly #read = new Cell<readonly string[]>([])

  constructor(client: TidewireClient) {
    this.#client = client
    let wasConnected = false
    client.on('state', ({ state }) => {
      const isConnected = state === 'connected'
      // Another server may be behind the same address now, which gives what the last one refused.
      if (isConnected && !wasConnected) queueMicrotask(() => this.#askAgain())
      wasConnected = isConnected
    })
  }

  /** The channels that are read now, in the order in which they were asked for. */
  get read(): Readable<readonly string[]> {
    return this.#read
  }

  #askAgain(): void {
    for (const again of [...this.#refused]) again()
  }

  subscribe(channel: string, history: number, reader: ChannelReader): () => void {
    const reading = new EntryReading(history, reader)
    let subscription: Subscription
    const join = (): void => {
      this.#refused.delete(join)
      const since = reading.position
      subscription = this.#client.subscribe(
        channel,
        { history, ...(since !== null && { since }) },
        (event: StreamEvent) => reading.take(event),
      )
      subscription.on('error', ({ message }) => {
        reader.refused(message)
        if (subscription.isEnded) this.#refused.add(join)
      })
    }
    join()
    this.#names.push(channel)
    this.#told()
    let isEnded = false
    return () => {
      if (isEnded) return
      isEnded = true
      this.#names.splice(this.#names.indexOf(channel), 1)
      this.#told()
      this.#refused.delete(join)
      reading.end()
      subscription.unsubscribe()
    }
  }

  #told(): void {
    this.#read.set([...new Set(this.#names)])
  }
}
