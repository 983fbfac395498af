import { asNumber, asObject, asText, type JsonObject } from '../../stream/json'

/** One ticker of a list. What the row lacks is null. */
export interface Mover {
  readonly ticker: string
  readonly price: number | null
  readonly change: number | null
  /** The change in percent of the previous close. */
  readonly changePercent: number | null
  readonly volume: number | null
}

/** One publication: three lists in the provider's order. */
export interface Movers {
  readonly mostActive: readonly Mover[]
  readonly gainers: readonly Mover[]
  readonly losers: readonly Mover[]
}

/** Most rows of a list that are kept. */
const MostRows = 20

/** Reads a publication. Null when it has none of the three lists. */
export function parseMovers(data: unknown): Movers | null {
  const payload = asObject(data)
  const lists = asObject(payload?.data) ?? payload
  if (lists === null || ![lists.most_active, lists.gainers, lists.losers].some(Array.isArray)) return null
  return {
    mostActive: rowsOf(lists.most_active),
    gainers: rowsOf(lists.gainers),
    losers: rowsOf(lists.losers),
  }
}

function rowsOf(list: unknown): readonly Mover[] {
  if (!Array.isArray(list)) return []
  const movers = new Map<string, Mover>()
  for (const row of (list as unknown[]).slice(0, MostRows)) {
    const mover = parseMover(asObject(row))
    if (mover !== null && !movers.has(mover.ticker)) movers.set(mover.ticker, mover)
  }
  return [...movers.values()]
}

function parseMover(row: JsonObject | null): Mover | null {
  const ticker = asText(row?.ticker) ?? asText(row?.symbol)
  if (row === null || ticker === null) return null
  const price = firstNumber(row, 'price', 'close', 'last', 'last_price')
  const previous = firstNumber(row, 'prev_close', 'previous_close')
  const change = firstNumber(row, 'change') ?? (price === null || previous === null ? null : price - previous)
  return {
    ticker,
    price,
    change,
    changePercent: percentOf(row, price, change),
    volume: firstNumber(row, 'volume', 'vol', 'stock_volume'),
  }
}

/** From price and change where both are known; a `perc_change` is a fraction there, a `change_percent` a percentage. */
function percentOf(row: JsonObject, price: number | null, change: number | null): number | null {
  if (price !== null && change !== null && price - change > 0) return (change / (price - change)) * 100
  const fraction = firstNumber(row, 'perc_change')
  return fraction === null ? firstNumber(row, 'change_percent', 'percent_change') : fraction * 100
}

function firstNumber(row: JsonObject, ...names: readonly string[]): number | null {
  for (const name of names) {
    const value = asNumber(row[name])
    if (value !== null) return value
  }
  return null
}
