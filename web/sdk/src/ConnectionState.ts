import type { WireKind } from './Settings'

/**
 * `connecting`: the first connection is being opened. `connected`. `reconnecting`: another is being opened. `offline`: the
 * next attempt is at `retryAt`. `closed`: by the client, or for good.
 */
export type Phase = 'connecting' | 'connected' | 'reconnecting' | 'offline' | 'closed'

/** What the connection is doing. */
export interface ConnectionState {
  readonly state: Phase
  /** Attempts since it was last connected. */
  readonly attempt: number
  /** When the next attempt is due, ms since 1970, while offline. */
  readonly retryAt: number | null
  /** The wire in use, or being opened; null before the first. */
  readonly wire: WireKind | null
}

export const Closed: ConnectionState = { state: 'closed', attempt: 0, retryAt: null, wire: null }
export const Connecting: ConnectionState = { state: 'connecting', attempt: 0, retryAt: null, wire: null }
