import { asNumber, asObject, asText, asTime } from '../../stream/json'
import { type Fill, fillAt } from '../../ui/NbboGauge'
import { type OptionSymbol, parseOptionSymbol } from './OptionSymbol'

/** One row of the `flow-alerts` feed, as far as the tape shows it. What the payload lacks is null. */
export interface FlowAlert {
  readonly id: string | null
  readonly ticker: string
  readonly option: OptionSymbol | null
  readonly price: number | null
  readonly bid: number | null
  readonly ask: number | null
  readonly size: number | null
  readonly premium: number | null
  readonly spot: number | null
  readonly volume: number | null
  readonly openInterest: number | null
  readonly isSweep: boolean
  readonly isFloor: boolean
  readonly isMultiLeg: boolean
  readonly isAllOpening: boolean
  readonly exchanges: number | null
  readonly rule: string | null
  /** When the provider says the last trade of the alert was executed, epoch ms. */
  readonly executedAt: number | null
}

/** Reads a payload. Null when it names neither a ticker nor a contract: then there is nothing to show. */
export function parseFlowAlert(data: unknown): FlowAlert | null {
  const payload = asObject(data)
  if (payload === null) return null
  const option = parseOptionSymbol(asText(payload.option_chain) ?? '')
  const ticker = asText(payload.ticker) ?? option?.root
  if (ticker === undefined) return null
  const price = asNumber(payload.price)
  const size = asNumber(payload.total_size)
  return {
    id: asText(payload.id),
    ticker,
    option,
    price,
    bid: asNumber(payload.bid),
    ask: asNumber(payload.ask),
    size,
    premium: asNumber(payload.total_premium) ?? (price !== null && size !== null ? price * size * 100 : null),
    spot: asNumber(payload.underlying_price),
    volume: asNumber(payload.volume),
    openInterest: asNumber(payload.open_interest),
    isSweep: payload.has_sweep === true,
    isFloor: payload.has_floor === true,
    isMultiLeg: payload.has_multileg === true,
    isAllOpening: payload.all_opening_trades === true,
    exchanges: Array.isArray(payload.exchanges) ? payload.exchanges.length : asNumber(payload.exchanges),
    rule: asText(payload.rule_name),
    executedAt: asTime(payload.executed_at) ?? asTime(payload.end_time),
  }
}

/** How loud a row is drawn. It follows the premium alone. */
export type Loudness = 'plain' | 'strong' | 'loud'

/** Plain under $250K, loud from $1M, by the figure as it is written. */
export function loudness(premium: number | null): Loudness {
  if (premium === null || premium < 249_500) return 'plain'
  return premium < 999_500 ? 'strong' : 'loud'
}

/** The premium at which the bar is full. */
const FullBar = 12_400_000

/** The bar's share of its cell, 0 to 1, on a square-root scale: $29K must still be seen beside $12M. */
export function barShare(premium: number | null): number {
  return premium === null || premium <= 0 ? 0 : Math.min(1, Math.sqrt(premium / FullBar))
}

/** The fill of an alert, or null without price, bid and ask. */
export function fillOf({ price, bid, ask }: FlowAlert): Fill | null {
  return fillAt(price, bid, ask)
}

/** Volume against open interest, or null where it has no meaning. */
export function volumeToOpenInterest({ volume, openInterest }: FlowAlert): number | null {
  return volume === null || openInterest === null || openInterest <= 0 ? null : volume / openInterest
}

/** How far spot has to go to the strike, as a share of spot. */
export function distanceToStrike({ option, spot }: FlowAlert): number | null {
  return option === null || spot === null || spot <= 0 ? null : option.strike / spot - 1
}

const ShortRules: Readonly<Record<string, string>> = {
  RepeatedHits: 'Hits',
  RepeatedHitsAscendingFill: 'Hits, rising',
  RepeatedHitsDescendingFill: 'Hits, falling',
}

/** The provider's rule in short. Names we do not know are shown as they come: the set is open. */
export function shortRule(rule: string): string {
  return ShortRules[rule] ?? rule
}
