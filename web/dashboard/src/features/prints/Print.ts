import { asNumber, asObject, asText, asTime } from '../../stream/json'
import { type Fill, fillAt } from '../../ui/NbboGauge'

/** One off-exchange print. What the payload lacks is null. */
export interface Print {
  readonly ticker: string
  readonly price: number | null
  readonly size: number | null
  /** Price times size, in dollars. */
  readonly premium: number | null
  readonly bid: number | null
  readonly ask: number | null
  /** Where the price stood against the best bid and offer. */
  readonly fill: Fill | null
  /** When it was executed, by the provider's clock, epoch ms. */
  readonly executedAt: number | null
  /** Taken back later; only REST says so. */
  readonly isCanceled: boolean
}

/** Reads a payload of the socket (`symbol`) or of REST (`ticker`, `premium`). Null when it names no ticker. */
export function parsePrint(data: unknown): Print | null {
  const payload = asObject(data)
  const ticker = asText(payload?.symbol) ?? asText(payload?.ticker)
  if (payload === null || ticker === null) return null
  const price = asNumber(payload.price)
  const size = asNumber(payload.size)
  const bid = asNumber(payload.nbbo_bid)
  const ask = asNumber(payload.nbbo_ask)
  return {
    ticker,
    price,
    size,
    premium: asNumber(payload.premium) ?? (price !== null && size !== null ? price * size : null),
    bid,
    ask,
    fill: fillAt(price, bid, ask),
    executedAt: asTime(payload.executed_at) ?? asTime(payload.trf_executed_at),
    isCanceled: payload.canceled === true,
  }
}
