import type { Entry } from './events'
import type { Position } from './Position'

/** One message of the server: a JSON object whose fields are unknown until they are looked at. */
export type Frame = Readonly<Record<string, unknown>>

/**
 * Reads the messages of one text frame: one JSON object, or several that newlines separate. What is no object is counted
 * and skipped, so that it costs only itself.
 * @returns how many could not be read
 */
export function readFrames(text: string, each: (frame: Frame) => void): number {
  let bad = 0
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf('\n', start)
    if (end < 0) end = text.length
    const line = start === 0 && end === text.length ? text : text.slice(start, end)
    start = end + 1
    if (line === '') continue
    const frame = readFrame(line)
    if (frame === null) bad++
    else each(frame)
  }
  return bad
}

/** The object, or null for what is none. */
export function readFrame(text: string): Frame | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

export function isObject(value: unknown): value is Frame {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The text, or what stands in for it. */
export function textOr<T>(value: unknown, otherwise: T): string | T {
  return typeof value === 'string' ? value : otherwise
}

/** A whole number from 0; what is none counts as 0. */
export function countOf(value: unknown): number {
  return typeof value === 'number' && value > 0 && Number.isSafeInteger(value) ? value : 0
}

/** The position that a message names; null when it names none. */
export function positionOf(frame: Frame): Position | null {
  const { epoch, offset } = frame
  return typeof epoch === 'string' &&
    typeof offset === 'number' &&
    Number.isSafeInteger(offset) &&
    offset >= 0
    ? { epoch, offset }
    : null
}

/** Fields of ours that stand beside the payload's own where a feed has messages of a type of its own. */
const own = ['type', 'timestamp', 'channel', 'offset', 'epoch', 'merged', 'filtered', 'replaces', 'source']

function payloadOf(frame: Frame): unknown {
  const data: Record<string, unknown> = { ...frame }
  for (const field of own) delete data[field]
  return data
}

/** The entry that a message is. `epoch` is that of the subscription, for messages that name none. Null when it is none. */
export function entryOf(frame: Frame, channel: string, epoch: string, how: Recall): Entry | null {
  const { offset, type } = frame
  if (typeof offset !== 'number' || !Number.isSafeInteger(offset)) return null
  if (type === 'gap') {
    return {
      type,
      channel,
      epoch: textOr(frame.epoch, epoch),
      offset,
      fromTime: textOr(frame.from_time, null),
      toTime: textOr(frame.to_time, null),
      count: typeof frame.count === 'number' ? frame.count : null,
      reason: textOr(frame.reason, ''),
      backfilled: frame.backfilled === true,
      merged: countOf(frame.merged),
      filtered: countOf(frame.filtered),
      history: how === 'history',
    }
  }
  const { replaces } = frame
  return {
    type: 'publication',
    channel,
    epoch: textOr(frame.epoch, epoch),
    offset,
    timestamp: textOr(frame.timestamp, ''),
    data: 'data' in frame && (type === undefined || type === 'message') ? frame.data : payloadOf(frame),
    merged: countOf(frame.merged),
    filtered: countOf(frame.filtered),
    source: textOr(frame.source, ''),
    replaces: typeof replaces === 'number' ? replaces : null,
    recovered: how === 'recovered',
    history: how === 'history',
  }
}

/** How an entry comes: as it happens, after a time away, or of the past that was asked for. */
export type Recall = 'live' | 'recovered' | 'history'
