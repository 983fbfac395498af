import type { Publication } from './events'

/** What a client counts. */
export class Tally {
  received = 0
  sent = 0
  reconnects = 0
  errors = 0
  duplicates = 0
  lastMessageAt: number | null = null
  roundTripMs: number | null = null
  clockSkewMs: number | null = null
  /** Told when the connection has been measured anew. */
  onMeasured: (() => void) | null = null
  /** The server's time of the newest publication that came as it happened, and when it was here. */
  #newest = ''
  #newestAt = 0

  /** An answer of the server that it sent between two moments of ours. */
  measured(timestamp: unknown, askedAt: number, answeredAt: number): void {
    this.roundTripMs = answeredAt - askedAt
    this.clock(timestamp, askedAt, answeredAt)
    this.onMeasured?.()
  }

  /** The server's clock against ours, from a message it sent between two moments of ours. */
  clock(timestamp: unknown, sentAt: number, receivedAt: number): void {
    const server = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
    if (!Number.isNaN(server)) this.clockSkewMs = Math.round(server - (sentAt + receivedAt) / 2)
  }

  /** A publication has come. What is of the past says nothing of the way here. */
  published({ timestamp, history, recovered }: Publication): void {
    if (history || recovered) return
    this.#newest = timestamp
    this.#newestAt = this.lastMessageAt ?? 0
  }

  /** How long the newest publication took from the server to here. */
  get lagMs(): number | null {
    const published = Date.parse(this.#newest)
    return Number.isNaN(published)
      ? null
      : Math.max(0, this.#newestAt + (this.clockSkewMs ?? 0) - published)
  }
}

/** Figures of a client, since it was made. */
export interface Stats {
  connected: boolean
  reconnecting: boolean
  reconnectAttempts: number
  messagesReceived: number
  messagesSent: number
  updatesApplied: number
  reconnects: number
  errors: number
  /** ms since 1970; null before the first. */
  lastMessageTime: number | null
  subscriptions: number
  queueSize: number
  pendingUpdates: number
  cacheSize: number
  roundTripMs: number | null
  /** The server's clock less ours. */
  clockSkewMs: number | null
  /** From the server to here, of the newest publication. */
  lagMs: number | null
  /** Entries that came twice and were shown once. */
  duplicates: number
  wire: string | null
}
