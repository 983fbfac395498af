import type { ReactNode } from 'react'
import { grouped } from './figures'
import styles from './GapLine.module.css'
import { Icon } from './Icon'
import { marketClock } from './marketTime'

/**
 * What is known of a place where something is missing. Times are epoch ms; `count` is how many are missing, or, where some
 * of them follow, how many follow; null where nobody can know.
 */
export interface GapFacts {
  readonly from: number | null
  readonly to: number | null
  readonly count: number | null
  readonly reason: string
  readonly backfilled: number | boolean
}

/** A thin hatched line where something is missing, with when, why and how much. */
export function GapLine({ gap }: { gap: GapFacts }): ReactNode {
  const words = gapWords(gap)
  return (
    <div className={styles.gap} title={words}>
      <Icon name="broken" size="tiny" />
      <span>
        {gap.from !== null && (
          <span className="data">
            {marketClock(gap.from)}
            {gap.to !== null && ` → ${marketClock(gap.to)}`}{' '}
          </span>
        )}
        {words}
      </span>
    </div>
  )
}

const Reasons: Readonly<Record<string, string>> = {
  upstream_down: 'Connection to the provider lost.',
  silent: 'The provider fell silent.',
  not_joined: 'Not subscribed at the provider.',
  dropped_by_us: 'Dropped by this server.',
  not_recovered: 'This page was not connected.',
}

/** Reasons whose gap has a count only where so many rows follow it, filled in from the provider's history. */
const Refilled: ReadonlySet<string> = new Set(['upstream_down', 'silent', 'not_joined'])

/** What a gap says: `The provider fell silent. 6 rows filled in, none missing.` */
export function gapWords({ reason, count, backfilled }: GapFacts): string {
  if (reason === 'store_lost') {
    // Who was here has seen them; who comes back later cannot be given them.
    return `Not kept: ${count ? `${rows(count)} ` : ''}cannot be recovered later.`
  }
  const why = Reasons[reason] ?? `${reason.replaceAll('_', ' ')}.`
  if (backfilled !== false) {
    const follow = typeof backfilled === 'number' ? backfilled : count
    return follow === null ? `${why} Filled in.` : `${why} ${rows(follow)} filled in, none missing.`
  }
  if (count === null) return `${why} What came meanwhile is missing.`
  if (count === 0) return `${why} Nothing missing.`
  return Refilled.has(reason)
    ? `${why} ${rows(count)} filled in, the rest is missing.`
    : `${why} About ${rows(count)} missing, not recoverable.`
}

function rows(count: number): string {
  return count === 1 ? '1 row' : `${grouped(count)} rows`
}
