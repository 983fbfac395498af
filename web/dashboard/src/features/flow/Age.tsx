import { type PointerEvent, type ReactNode, useCallback, useSyncExternalStore } from 'react'
import type { Readable } from '../../stream/Cell'
import { age, Thin } from '../../ui/figures'
import { marketTimestamp } from '../../ui/marketTime'
import type { AlertRow } from './FlowTape'

/** The age of a row. The only cell that changes once a row is drawn, so it alone listens to the clock. */
export function Age({
  row,
  clock,
  className,
}: {
  row: AlertRow
  clock: Readable<number>
  className: string
}): ReactNode {
  const text = useSyncExternalStore(
    clock.subscribe,
    useCallback(() => age(clock.get() - row.receivedAt), [clock, row.receivedAt]),
  )
  // Written out for the one row that is pointed at, not for every row that passes.
  const tell = ({ currentTarget }: PointerEvent): void => currentTarget.setAttribute('title', timesOf(row))
  return (
    <span className={className} role="gridcell" data-new={text === 'NEW' || undefined} onPointerEnter={tell}>
      {text}
    </span>
  )
}

/** Both times in full, each with whose clock it is: the provider's and ours are never mixed. */
function timesOf({ receivedAt, alert }: AlertRow): string {
  const received = `received ${marketTimestamp(receivedAt)}`
  if (alert.executedAt === null) return received
  const late = ((receivedAt - alert.executedAt) / 1_000).toFixed(1)
  return `${received}\nexecuted ${marketTimestamp(alert.executedAt)} (${late}${Thin}s earlier, by the provider’s clock)`
}
