import type { Frame } from '../frames'
import type { Position } from '../Position'
import type { Settings, WireKind } from '../Settings'
import type { Tally } from '../Tally'
import type { Token } from '../Token'

/** A channel as it is asked for. The answer carries the `id`. */
export interface Join {
  readonly id: number
  readonly channel: string
  readonly filter: string | null
  readonly maxRate: number | null
  readonly since: Position | null
  /** Null leaves it to the server. */
  readonly history: number | null
}

/** Why a wire ended. */
export interface WireEnd {
  /** A closing code; 1006 when none was given. */
  readonly code: number
  readonly reason: string
  /** Whether a closing message said to come back. */
  readonly reconnect: boolean
  /** When the server asked to come back, ms from now. */
  readonly retryAfter?: number
  /** It was open and showed something. */
  readonly worked: boolean
  /** What failed is on our side, and no fault of the wire: the token callback. */
  readonly isOurs?: boolean
}

/** What a wire tells. Nothing after `ended`. */
export interface WireListener {
  opened(): void
  /** A message in the form of `/api/ws`; a wire of another form makes it one. */
  received(frame: Frame): void
  ended(end: WireEnd): void
}

/** One connection to the server, of whatever kind. It is being opened once it is made. */
export interface Wire {
  readonly kind: WireKind
  join(join: Join): void
  leave(channel: string): void
  /** Ends it without a word to the listener. */
  close(): void
}

/** What every wire needs. */
export interface WireContext {
  readonly settings: Settings
  readonly token: Token
  readonly tally: Tally
  /** Whether the next WebSocket asks for no subprotocol, because the last one asked for it and did not open. */
  plain?: boolean
}
