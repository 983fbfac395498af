import type { StreamEvent, Subscription, TidewireClient } from '@tidewire/sdk'
import type { ChannelReader, Channels } from './Channels'
import { EntryReading } from './EntryReading'

/** The channels of a server, read with the SDK: over one connection for all tabs. */
export class TidewireChannels implements Channels {
  readonly #client: TidewireClient
  readonly #refused = new Set<() => void>()

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
    return () => {
      this.#refused.delete(join)
      reading.end()
      subscription.unsubscribe()
    }
  }
}
