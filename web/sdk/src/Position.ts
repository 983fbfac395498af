/**
 * A place in the log of a channel: what comes after it has not been read yet.
 *
 * The epoch is opaque and compared for equality only. It changes when the log's past was lost; then an old offset means
 * nothing any more.
 */
export interface Position {
  readonly epoch: string
  readonly offset: number
}

/** The position as text, `epoch:offset`, as it stands in a URL. */
export function formatPosition(position: Position): string {
  return `${position.epoch}:${position.offset}`
}

/** Reads `epoch:offset`; null for what is none. */
export function parsePosition(text: string): Position | null {
  const colon = text.lastIndexOf(':')
  const offset = colon > 0 ? Number(text.slice(colon + 1) || Number.NaN) : Number.NaN
  return Number.isSafeInteger(offset) && offset >= 0 ? { epoch: text.slice(0, colon), offset } : null
}
