import { asNumber, asObject, asText, asTime, type JsonObject } from './json'

/** Where a reader stands in a channel's log. Offsets rise by one; the epoch changes only when the past was lost. */
export interface StreamPosition {
  readonly epoch: string
  readonly offset: number
}

/** One publication or gap as it came over the wire, before its place in the log has been checked. */
export type Delivery = MessageFrame | GapFrame

/**
 * A publication of a channel. A `price_update` has its fields at the top; here they are its `data` like any other's.
 * `merged` and `filtered` count what this reader was not shown since the last one. */
export interface MessageFrame {
  readonly type: 'message'
  readonly channel: string
  readonly offset: number
  /** When the server received it, epoch ms. */
  readonly receivedAt: number
  readonly data: unknown
  readonly source: string
  readonly skipped: number
}

/** An entry that says something is missing here, how much of it if known, and why. */
export interface GapFrame {
  readonly type: 'gap'
  readonly channel: string
  readonly offset: number
  readonly from: number | null
  readonly to: number | null
  readonly count: number | null
  readonly reason: string
  readonly backfilled: number | boolean
  readonly skipped: number
}

/** Every frame of `/api/ws` this page acts on. Others are none of its business and parse to null. */
export type ServerFrame =
  | { readonly type: 'connection'; readonly connectionId: string | null; readonly sentAt: number | null }
  | {
      readonly type: 'subscription'
      readonly action: string
      readonly channel: string
      readonly position: StreamPosition | null
      readonly recovered: boolean
      readonly id: string | null
    }
  | { readonly type: 'history'; readonly channel: string; readonly entries: readonly Delivery[] }
  | Delivery
  | { readonly type: 'position'; readonly channel: string; readonly position: StreamPosition }
  | { readonly type: 'pong' }
  | {
      readonly type: 'error'
      readonly code: string | null
      readonly message: string
      readonly id: string | null
    }
  | {
      readonly type: 'closing'
      readonly code: number | null
      readonly reason: string
      readonly reconnect: boolean
    }

/** Reads one text frame. Null for what is malformed, incomplete or of a type this page does not know. */
export function parseServerFrame(text: string): ServerFrame | null {
  let frame: JsonObject | null
  try {
    frame = asObject(JSON.parse(text))
  } catch {
    return null
  }
  if (frame === null) return null
  switch (frame.type) {
    case 'connection':
      return {
        type: 'connection',
        connectionId: asText(frame.connection_id),
        sentAt: asTime(frame.timestamp),
      }
    case 'subscription':
      return parseSubscription(frame)
    case 'history':
      return parseHistory(frame)
    case 'message':
    case 'price_update':
    case 'gap':
      return parseDelivery(frame)
    case 'position': {
      const channel = asText(frame.channel)
      const position = parsePosition(frame)
      return channel === null || position === null ? null : { type: 'position', channel, position }
    }
    case 'pong':
      return { type: 'pong' }
    case 'error':
      return {
        type: 'error',
        code: codeText(frame.code),
        message: asText(frame.message) ?? '',
        id: codeText(frame.id),
      }
    case 'closing':
      return {
        type: 'closing',
        code: asNumber(frame.code),
        reason: asText(frame.reason) ?? '',
        reconnect: frame.reconnect !== false,
      }
    default:
      return null
  }
}

function parseSubscription(frame: JsonObject): ServerFrame | null {
  const channel = asText(frame.channel)
  if (channel === null) return null
  return {
    type: 'subscription',
    action: asText(frame.action) ?? '',
    channel,
    position: parsePosition(frame),
    recovered: frame.recovered === true,
    id: codeText(frame.id),
  }
}

function parseHistory(frame: JsonObject): ServerFrame | null {
  const channel = asText(frame.channel)
  if (channel === null || !Array.isArray(frame.messages)) return null
  const entries: Delivery[] = []
  for (const message of frame.messages as unknown[]) {
    const object = asObject(message)
    const delivery = object === null ? null : parseDelivery({ channel, ...object })
    if (delivery !== null) entries.push(delivery)
  }
  return { type: 'history', channel, entries }
}

function parseDelivery(frame: JsonObject): Delivery | null {
  const channel = asText(frame.channel)
  const offset = asNumber(frame.offset)
  if (channel === null || offset === null) return null
  const skipped = (asNumber(frame.merged) ?? 0) + (asNumber(frame.filtered) ?? 0)
  if (frame.type === 'gap') {
    return {
      type: 'gap',
      channel,
      offset,
      from: asTime(frame.from_time),
      to: asTime(frame.to_time),
      count: asNumber(frame.count),
      reason: asText(frame.reason) ?? 'unknown',
      backfilled:
        typeof frame.backfilled === 'boolean' ? frame.backfilled : (asNumber(frame.backfilled) ?? false),
      skipped,
    }
  }
  return {
    type: 'message',
    channel,
    offset,
    receivedAt: asTime(frame.timestamp) ?? 0,
    data: frame.type === 'price_update' ? frame : frame.data,
    source: asText(frame.source) ?? 'socket',
    skipped,
  }
}

function parsePosition(frame: JsonObject): StreamPosition | null {
  const epoch = asText(frame.epoch)
  const offset = asNumber(frame.offset)
  return epoch === null || offset === null ? null : { epoch, offset }
}

/** Codes and ids are text or numbers, depending on who sent them first. */
function codeText(value: unknown): string | null {
  return typeof value === 'number' ? String(value) : asText(value)
}
