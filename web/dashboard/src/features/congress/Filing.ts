import { asDay, asObject, asText } from '../../stream/json'

/** One filed transaction of a member of Congress. What the payload lacks is null. Days are `2025-05-16`. */
export interface Filing {
  readonly name: string
  /** `House`, `Senate`, or the word as it came: others occur. */
  readonly chamber: string | null
  readonly ticker: string | null
  /** `Buy`, `Sell` or free text. */
  readonly type: string | null
  readonly way: 'buy' | 'sell' | null
  /** A range in dollars, as it was filed. */
  readonly amounts: string | null
  readonly tradedOn: string | null
  readonly filedOn: string | null
  /** Who filed it, when that is not the member by the same name. */
  readonly reporter: string | null
  /** Whose account it was. */
  readonly issuer: string | null
}

/** Reads a payload. Null when it names nobody. */
export function parseFiling(data: unknown): Filing | null {
  const payload = asObject(data)
  const reporter = asText(payload?.reporter)
  const name = asText(payload?.name) ?? reporter
  if (payload === null || name === null) return null
  const type = asText(payload.txn_type)
  return {
    name,
    chamber: chamberOf(asText(payload.member_type)),
    ticker: asText(payload.ticker),
    type,
    way: wayOf(type),
    amounts: asText(payload.amounts),
    tradedOn: asDay(payload.transaction_date),
    filedOn: asDay(payload.filed_at_date),
    reporter: reporter === name ? null : reporter,
    issuer: asText(payload.issuer),
  }
}

function chamberOf(type: string | null): string | null {
  return type === null ? null : type.slice(0, 1).toUpperCase() + type.slice(1)
}

function wayOf(type: string | null): 'buy' | 'sell' | null {
  const word = type?.toLowerCase() ?? ''
  if (/\b(buy|bought|purchase)/.test(word)) return 'buy'
  return /\b(sell|sold|sale)/.test(word) ? 'sell' : null
}

const Day = 86_400_000

/** When it was filed and, of two filings of a day, traded, as epoch ms: a larger one is newer. Undated ones come last. */
export function filingOrder({ filedOn, tradedOn }: Filing): number {
  const time = (day: string | null): number => (day === null ? 0 : Date.parse(day))
  // The day of the trade as a number of days: some twenty seconds, which no filing day is apart.
  return time(filedOn) + time(tradedOn) / Day
}
