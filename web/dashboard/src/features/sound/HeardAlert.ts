/** An alert of the flow, as far as it is heard. What is unknown is null. */
export interface HeardAlert {
  readonly ticker: string
  /** The contract, the same text for the same one. */
  readonly contract: string
  readonly strike: number | null
  readonly type: 'C' | 'P' | null
  readonly premium: number | null
  readonly size: number | null
  readonly isSweep: boolean
}

/** Why an alert is heard. */
export const Reasons = ['premium', 'volume', 'watch'] as const
export type Reason = (typeof Reasons)[number]

/** From then on a premium is high, dollars. */
export const HighPremium = 500_000
/** From so many times its average on a volume is unusual. */
export const UnusualTimes = 10

/** The rules as the page says them: each states its number. */
export const ReasonWords: Readonly<Record<Reason, { readonly name: string; readonly rule: string }>> = {
  premium: { name: 'High premium', rule: 'more than $500K' },
  volume: { name: 'Unusual volume', rule: 'more than 10× its contract’s average' },
  watch: { name: 'Watch-list', rule: 'a ticker that you watch' },
}

/** `TSLA 250 calls, 265 thousand, sweep`. */
export function spoken(
  { ticker, strike, type, premium, isSweep }: HeardAlert,
  money: (value: number) => string,
): string {
  const name =
    strike === null || type === null ? ticker : `${ticker} ${strike} ${type === 'C' ? 'calls' : 'puts'}`
  return [name, premium === null ? null : money(premium), isSweep ? 'sweep' : null]
    .filter(part => part !== null)
    .join(', ')
}
