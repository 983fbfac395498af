import { memo, type ReactNode } from 'react'
import { grouped } from '../../ui/figures'
import { Icon } from '../../ui/Icon'
import { marketClock } from '../../ui/marketTime'
import type { GapRow } from './FlowTape'
import styles from './GapRow.module.css'

/** A thin hatched row where something is missing, with when, why and how much. */
export const GapRowView = memo(function GapRowView({ row }: { row: GapRow }): ReactNode {
  return (
    <div className={styles.gap} role="row" data-testid="gap-row" data-offset={row.offset}>
      <Icon name="broken" size="tiny" />
      <span role="gridcell">
        {row.from !== null && (
          <span className="data">
            {marketClock(row.from)}
            {row.to !== null && ` → ${marketClock(row.to)}`}{' '}
          </span>
        )}
        {gapWords(row)}
      </span>
    </div>
  )
})

const Reasons: Readonly<Record<string, string>> = {
  upstream_down: 'Connection to the provider lost.',
  upstream_silent: 'Upstream silent.',
  not_joined: 'Not subscribed at the provider.',
  dropped_by_us: 'Dropped by this server.',
  not_recovered: 'This page was not connected.',
}

/** What a gap says: `Upstream silent. 6 rows filled in, none missing.` */
export function gapWords({ reason, count, backfilled }: GapRow): string {
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
