import type { ReactNode } from 'react'
import { grouped } from './figures'
import styles from './GapLine.module.css'
import { Icon } from './Icon'
import { marketClock } from './marketTime'

/** What is known of a place where something is missing. Times are epoch ms; `count` is null where nobody can know. */
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
  upstream_silent: 'Upstream silent.',
  not_joined: 'Not subscribed at the provider.',
  dropped_by_us: 'Dropped by this server.',
  not_recovered: 'This page was not connected.',
}

/** What a gap says: `Upstream silent. 6 rows filled in, none missing.` */
export function gapWords({ reason, count, backfilled }: GapFacts): string {
  const why = Reasons[reason] ?? `${reason.replaceAll('_', ' ')}.`
  if (backfilled !== false) {
    return typeof backfilled === 'number'
      ? `${why} ${rows(backfilled)} filled in, none missing.`
      : `${why} Filled in.`
  }
  if (count === null) return `${why} What came meanwhile is missing.`
  return count === 0 ? `${why} Nothing missing.` : `${why} About ${rows(count)} missing, not recoverable.`
}

function rows(count: number): string {
  return count === 1 ? '1 row' : `${grouped(count)} rows`
}
