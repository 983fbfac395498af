import { memo, type ReactNode } from 'react'
import type { EventList, ItemRow } from '../../stream/EventList'
import { type FeedStates, NotMeasured } from '../../stream/FeedStates'
import { EventPanel, gapInTable, heldWords } from '../../ui/EventPanel'
import { Missing } from '../../ui/figures'
import { marketClock, marketTimestamp } from '../../ui/marketTime'
import type { Situation } from '../../ui/Panel'
import table from '../../ui/Table.module.css'
import { useCell } from '../../ui/useCell'
import { type Halt, haltedNow, reasonWords } from './Halt'
import styles from './HaltsPane.module.css'

const NoHalts = {
  title: 'No halts',
  body: 'No ticker was halted since this server began to listen. Days without one are normal.',
}

/** Tickers that were stopped, and that trade again. */
export function HaltsPane({
  halts,
  feeds,
  ...pane
}: {
  halts: EventList<Halt>
  feeds: FeedStates
  situation: Situation
  heading: ReactNode
}): ReactNode {
  const { rows } = useCell(halts)
  const standing = haltedNow(rows.flatMap(row => (row.kind === 'item' ? [row.item] : []))).size
  return (
    <EventPanel
      {...pane}
      events={halts}
      feed={useCell(feeds).get(halts.channel) ?? NotMeasured}
      name="Halts"
      label="Halts"
      words={NoHalts}
      sub={isHeld => heldWords(isHeld) ?? (standing === 0 ? undefined : `${standing} halted now`)}
      within={rows => (
        <table className={`${table.table} ${styles.table}`}>
          <thead>
            <tr>
              <th scope="col" className={`${table.start} ${styles.time}`} title="New York">
                Time
              </th>
              <th scope="col" className={`${table.start} ${styles.ticker}`}>
                Ticker
              </th>
              <th scope="col" className={`${table.start} ${styles.state}`}>
                State
              </th>
              <th scope="col" className={table.start}>
                Reason
              </th>
            </tr>
          </thead>
          <tbody>{rows}</tbody>
        </table>
      )}
      gap={gapInTable(table.gap)}
      row={(row: ItemRow<Halt>) => <HaltRow key={row.key} row={row} />}
    />
  )
}

const HaltRow = memo(function HaltRow({ row }: { row: ItemRow<Halt> }): ReactNode {
  const { ticker, state, isHalted, reason, at } = row.item
  const words = reason === null ? null : reasonWords(reason)
  return (
    <tr data-testid="halt-row" data-halted={isHalted || undefined}>
      <td className={`${table.start} ${table.faint}`} title={marketTimestamp(at ?? row.receivedAt)}>
        {marketClock(at ?? row.receivedAt)}
      </td>
      <th scope="row" className={table.name} title={ticker}>
        {ticker}
      </th>
      <td className={`${table.start} ${isHalted ? styles.halted : table.quiet}`} title={state}>
        <svg className={styles.mark} viewBox="0 0 10 10" aria-hidden="true">
          {/* A bar for a stop, a triangle for going on: the state reads without its word. */}
          <path d={isHalted ? 'M1.5 1h2.6v8H1.5zM5.9 1h2.6v8H5.9z' : 'M2 1l7 4-7 4z'} fill="currentColor" />
        </svg>
        {state}
      </td>
      <td
        className={styles.reason}
        title={reason === null ? undefined : `${reason}${words === null ? '' : `: ${words}`}`}
      >
        {reason === null ? Missing : (words ?? reason)}
      </td>
    </tr>
  )
})
