import type { Position } from './Position'

/** One entry of a channel's log, with the payload as the provider sent it. */
export interface Publication<T = unknown> {
  readonly type: 'publication'
  /** The canonical name: `flow-alerts`, `gex:SPY`. */
  readonly channel: string
  readonly epoch: string
  readonly offset: number
  /** When the server received it, ISO 8601. */
  readonly timestamp: string
  readonly data: T
  /** Entries before this one that newer ones of their key have replaced. Always 0 on an event feed. */
  readonly merged: number
  /** Entries before this one that the subscription's filter kept back. */
  readonly filtered: number
  readonly source: string
  /** The offset of the publication that this one corrects; null when it corrects none. */
  readonly replaces: number | null
  /** It was published while the subscription was away, and is made up for now. */
  readonly recovered: boolean
  /** It is of the past that was asked for with `history`; `merged` and `filtered` say nothing then. */
  readonly history: boolean
}

/** An entry that says: between two times something is missing here. */
export interface Gap {
  readonly type: 'gap'
  readonly channel: string
  readonly epoch: string
  readonly offset: number
  readonly fromTime: string | null
  readonly toTime: string | null
  /** How many are missing, or how many of them follow; null when nobody can know. */
  readonly count: number | null
  /** `upstream_down`, `not_joined`, `silent`, `dropped_by_us`, `store_lost`, or one that is yet to be named. */
  readonly reason: string
  readonly backfilled: boolean
  readonly merged: number
  readonly filtered: number
  /** It is of the past that was asked for with `history`; `merged` and `filtered` say nothing then. */
  readonly history: boolean
}

/** The server has confirmed the subscription: at its beginning and after each reconnect. */
export interface Subscribed {
  readonly type: 'subscribed'
  readonly channel: string
  readonly epoch: string
  /** What follows begins after this offset. */
  readonly offset: number
  /** It goes on from an earlier position with nothing missing. */
  readonly recovered: boolean
}

/** The subscription could not go on where it was: what is in between is lost to it. */
export interface Reset {
  readonly type: 'reset'
  readonly channel: string
  readonly epoch: string
  readonly offset: number
  /** Why, in the server's words. */
  readonly reason: string
}

/**
 * Offsets that should have come and did not: the rule `offset = previous + 1 + merged + filtered` did not hold. The client
 * asks for them once more; what it gets then follows.
 */
export interface Missed {
  readonly type: 'missed'
  readonly channel: string
  readonly epoch: string
  readonly from: number
  readonly to: number
  readonly reason: 'missed'
}

/** What a subscription yields, in order. */
export type StreamEvent<T = unknown> = Publication<T> | Gap | Subscribed | Reset | Missed

/** An entry of a log. */
export type Entry = Publication | Gap

/** Entries that show nothing have been passed over: where a reader stands now. Never shown. */
export interface Advance extends Position {
  readonly type: 'advance'
  readonly merged: number
  readonly filtered: number
}
