import type { ReactNode } from 'react'
import styles from './AsOf.module.css'
import { duration } from './figures'
import { marketClock } from './marketTime'
import { type Source, useDerived } from './useCell'

/** How current what is shown is, as the app judges it. `late` and `stale` carry since when. */
export type Currency =
  | { readonly kind: 'current' }
  | { readonly kind: 'late' | 'stale'; readonly since: number | null }

/** The age of what is shown, when it is not current. */
export function AsOf({ currency, clock }: { currency: Currency; clock: Source<number> }): ReactNode {
  const text = useDerived(clock, now => {
    if (currency.kind === 'current' || currency.since === null) return null
    return currency.kind === 'stale'
      ? `at ${marketClock(currency.since)}`
      : `${duration(now - currency.since)} old`
  })
  return text === null ? null : (
    <span className={`data ${styles.asOf}`} data-kind={currency.kind}>
      {text}
    </span>
  )
}
