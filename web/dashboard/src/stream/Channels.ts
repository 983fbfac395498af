/** One publication of a channel as the page shows it. The pair (epoch, offset) is its identity. */
export interface MessageEntry {
  readonly type: 'message'
  readonly channel: string
  readonly epoch: string
  readonly offset: number
  /** When the server received it, epoch ms on the server's clock. */
  readonly receivedAt: number
  readonly data: unknown
  readonly source: string
  /** The offset of the publication that this one corrects, or null. */
  readonly replaces: number | null
}

/** A place in a channel where something is missing, how much of it if known, and why. */
export interface GapEntry {
  readonly type: 'gap'
  readonly channel: string
  readonly epoch: string
  /** One that this page has noticed itself stands between two offsets: its own has a half. */
  readonly offset: number
  readonly from: number | null
  readonly to: number | null
  readonly count: number | null
  readonly reason: string
  readonly backfilled: boolean
}

/** An entry of a channel. */
export type ChannelEntry = MessageEntry | GapEntry

/** What a store does with a channel. Entries come oldest first. */
export interface ChannelReader {
  /** The subscription stands. `historyFollows` is true when earlier entries are on their way. */
  joined(historyFollows: boolean): void
  /** The server does not give this channel to this page, and says why. Asked again with the next connection. */
  refused(reason: string): void
  /** What was shown was kept from a log that is no more: it has nothing to do with what follows. */
  forget?(): void
  /** `live` are also those that were missed and are made up for. */
  entries(entries: readonly ChannelEntry[], how: 'history' | 'live'): void
}

/** What a store needs: to read a channel until it no longer wants it. */
export interface Channels {
  /**
   * Reads a channel from now on: `flow-alerts`, or with a ticker `gex:SPY`. `history` is how many earlier entries are
   * wanted at first. The result ends it, on the server too, so that it need not ask the provider for the channel.
   */
  subscribe(channel: string, history: number, reader: ChannelReader): () => void
}
