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

  /** The server's clock against ours, from a message it sent between two moments of ours. */
  clock(timestamp: unknown, sentAt: number, receivedAt: number): void {
    const server = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
    if (!Number.isNaN(server)) this.clockSkewMs = Math.round(server - (sentAt + receivedAt) / 2)
    this.onMeasured?.()
  }

  /** A publication has come. What is of the past says nothing of the way here. */
  published({ timestamp, history, recovered }: Publication): void {
    if (history || recovered) return
    this.#newest = timestamp
    this.#newestAt = this.lastMessageAt as number
  }

  /** How long the newest publication took from the server to here. */
  get lagMs(): number | null {
    const lag = this.#newestAt + (this.clockSkewMs ?? 0) - Date.parse(this.#newest)
    return Number.isNaN(lag) ? null : Math.max(0, lag)
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
  /** In ISO 8601, by our clock; null before the first. */
  lastMessageTime: string | null
  /** The channels that are subscribed to, each once. */
  subscriptions: readonly string[]
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
