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
  /** The server's time of the newest publication. */
  newest: string | null = null

  /** The server's clock against ours, from a message it sent between two moments of ours. */
  clock(timestamp: unknown, sentAt: number, receivedAt: number): void {
    const server = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
    if (!Number.isNaN(server)) this.clockSkewMs = Math.round(server - (sentAt + receivedAt) / 2)
  }

  /** How long the newest publication took from the server to here. */
  get lagMs(): number | null {
    const published = Date.parse(this.newest ?? '')
    if (this.lastMessageAt === null || Number.isNaN(published)) return null
    return Math.max(0, this.lastMessageAt + (this.clockSkewMs ?? 0) - published)
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
