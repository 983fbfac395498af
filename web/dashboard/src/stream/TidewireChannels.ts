import type { StreamEvent, Subscription, TidewireClient } from '@tidewire/sdk'
import { Cell, type Readable } from './Cell'
import type { ChannelReader, Channels } from './Channels'
import { EntryReading } from './EntryReading'
import type { KeptEntries } from './KeptEntries'

/** How long the server may take before what the browser has kept is shown. */
const KeptAfter = 1_500
/** Kept entries that are not older go on where they end; what came after older ones is too much to fetch. */
const ResumeWithin = 600_000

/** The channels of a server, read with the SDK: over one connection for all tabs. */
export class TidewireChannels implements Channels {
  readonly #client: TidewireClient
  readonly #refused = new Set<() => void>()
  readonly #names: string[] = []
  readonly #read = new Cell<readonly string[]>([])

  readonly #kept: KeptEntries | null

  /** With `kept`, a page that opens while the server is away shows what it had. */
  constructor(client: TidewireClient, kept: KeptEntries | null = null) {
    this.#client = client
    this.#kept = kept
    let wasConnected = false
    client.on('state', ({ state }) => {
      const isConnected = state === 'connected'
      // Another server may be behind the same address now, which gives what the last one refused.
      if (isConnected && !wasConnected) this.#askAgain([...this.#refused])
      wasConnected = isConnected
    })
  }

  /** The channels that are read now, in the order in which they were asked for. */
  get read(): Readable<readonly string[]> {
    return this.#read
  }

  /** When the client has joined what it holds. */
  #askAgain(refused: readonly (() => void)[]): void {
    queueMicrotask(() => {
      for (const again of refused) if (this.#refused.has(again)) again()
    })
  }

  subscribe(channel: string, history: number, reader: ChannelReader): () => void {
    const kept = this.#kept
    const reading = new EntryReading(history, reader, entries => kept?.note(channel, history, entries))
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
    const restore = async (): Promise<void> => {
      const found = this.#client.state.state === 'connected' ? null : await kept?.read(channel)
      if (found == null || isEnded || !reading.restore(found.entries)) return
      if (Date.now() - found.at > ResumeWithin) return
      subscription.unsubscribe()
      join()
    }
    const waiting = kept === null ? undefined : setTimeout(() => void restore(), KeptAfter)
    let isEnded = false
    return () => {
      if (isEnded) return
      isEnded = true
      clearTimeout(waiting)
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
