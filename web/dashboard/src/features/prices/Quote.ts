import { asNumber, asObject, asTime } from '../../stream/json'

/** One `price_update` of a ticker. What the payload lacks is null. */
export interface Quote {
  readonly price: number
  /** Against the previous close. */
  readonly change: number | null
  /** The same in percent. */
  readonly changePercent: number | null
  readonly volume: number | null
  readonly high: number | null
  readonly low: number | null
  readonly open: number | null
  /** When it was so, epoch ms on the server's clock. */
  readonly at: number | null
}

/** Reads a payload. Null without a price: then there is nothing to show. */
export function parseQuote(data: unknown): Quote | null {
  const payload = asObject(data)
  const price = asNumber(payload?.price)
  if (payload === null || price === null) return null
  const change = asNumber(payload.change)
  return {
    price,
    change,
    changePercent: asNumber(payload.change_percent) ?? percentOf(change, price),
    volume: asNumber(payload.volume),
    high: asNumber(payload.high),
    low: asNumber(payload.low),
    open: asNumber(payload.open),
    at: asTime(payload.timestamp),
  }
}

function percentOf(change: number | null, price: number): number | null {
  if (change === null || price - change <= 0) return null
  return (change / (price - change)) * 100
}

/** Where the price stands in the range of the day, 0 at the low and 1 at the high; null where there is no range. */
export function placeInRange({ price, low, high }: Quote): number | null {
  if (low === null || high === null || high < low) return null
  return high === low ? 0.5 : Math.max(0, Math.min(1, (price - low) / (high - low)))
}
