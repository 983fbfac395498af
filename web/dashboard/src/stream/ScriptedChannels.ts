import type { ChannelReader, Channels, GapEntry } from './Channels'

/** Channels under a test's control: who reads which, and what they are told. */
export class ScriptedChannels implements Channels {
  readonly #readers = new Map<string, { readonly reader: ChannelReader; readonly history: number }>()
  #offset = 0

  subscribe(channel: string, history: number, reader: ChannelReader): () => void {
    if (this.#readers.has(channel)) throw new Error(`${channel} has a reader already`)
    this.#readers.set(channel, { reader, history })
    return () => this.#readers.delete(channel)
  }

  /** The channels that are read now. */
  get read(): string[] {
    return [...this.#readers.keys()]
  }

  /** The reader of a channel, of which there must be one. */
  reader(channel: string): ChannelReader {
    const entry = this.#readers.get(channel)
    if (entry === undefined) throw new Error(`nobody reads ${channel}`)
    return entry.reader
  }

  /** Publishes payloads, oldest first, as received a second after one another. */
  says(channel: string, how: 'history' | 'live', ...payloads: readonly unknown[]): void {
    const entries = payloads.map(data => {
      this.#offset++
      const offset = this.#offset
      const receivedAt = offset * 1_000
      return {
        type: 'message',
        channel,
        epoch: 'e',
        offset,
        receivedAt,
        source: 'socket',
        replaces: null,
        data,
      } as const
    })
    this.reader(channel).entries(entries, how)
  }

  /** Says that something is missing. */
  misses(channel: string, gap: Partial<GapEntry> = {}): void {
    this.#offset++
    this.reader(channel).entries(
      [
        {
          type: 'gap',
          channel,
          epoch: 'e',
          offset: this.#offset,
          from: 1,
          to: 2,
          count: null,
          reason: 'upstream_down',
          backfilled: false,
          ...gap,
        },
      ],
      'live',
    )
  }
}
