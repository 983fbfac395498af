import { asObject, asText, asTime } from '../../stream/json'

/** One notice that a ticker stops or goes on trading. What the payload lacks is null. */
export interface Halt {
  readonly ticker: string
  /** As the provider spells it, `halted` or `resumed` for all that is known; the set is open. */
  readonly state: string
  readonly isHalted: boolean
  /** The exchange's code. */
  readonly reason: string | null
  readonly at: number | null
}

/** Reads a payload. Null when it names no ticker or no state. */
export function parseHalt(data: unknown): Halt | null {
  const payload = asObject(data)
  const ticker = asText(payload?.ticker) ?? asText(payload?.symbol)
  const state = asText(payload?.state)
  if (payload === null || ticker === null || state === null) return null
  return {
    ticker,
    state,
    isHalted: state.toLowerCase() === 'halted',
    reason: asText(payload.reason),
    at: asTime(payload.timestamp),
  }
}

const Reasons: Readonly<Record<string, string>> = {
  LUDP: 'volatility pause',
  LUDS: 'volatility pause, straddle',
  T1: 'news pending',
  T2: 'news released',
  T3: 'news out, resumes at a stated time',
  T5: 'single-stock pause',
  T6: 'extraordinary market activity',
  T8: 'halt of an exchange-traded fund',
  T12: 'more information asked for',
  H4: 'not compliant',
  H9: 'filings not current',
  H10: 'suspended by the SEC',
  H11: 'regulatory concern',
  M: 'volatility pause',
  MWC1: 'market-wide circuit breaker, level 1',
  MWC2: 'market-wide circuit breaker, level 2',
  MWC3: 'market-wide circuit breaker, level 3',
  IPO1: 'not yet trading',
}

/** What a reason code says in words; null for one we do not know. */
export function reasonWords(code: string): string | null {
  return Reasons[code.toUpperCase()] ?? null
}

/** How many tickers stand still: those whose newest notice is a halt. `newestFirst` as a list holds them. */
export function haltedNow(newestFirst: readonly Halt[]): ReadonlySet<string> {
  const seen = new Set<string>()
  const halted = new Set<string>()
  for (const { ticker, isHalted } of newestFirst) {
    if (seen.has(ticker)) continue
    seen.add(ticker)
    if (isHalted) halted.add(ticker)
  }
  return halted
}
