import { memo, type ReactNode } from 'react'
import type { EventList, ItemRow } from '../../stream/EventList'
import { type FeedStates, NotMeasured } from '../../stream/FeedStates'
import { EventPanel, gapInTable } from '../../ui/EventPanel'
import { count, Missing, money, sharePrice } from '../../ui/figures'
import { marketClock, marketTimestamp } from '../../ui/marketTime'
import { NbboGauge } from '../../ui/NbboGauge'
import type { Situation } from '../../ui/Panel'
import table from '../../ui/Table.module.css'
import { useCell } from '../../ui/useCell'
import styles from './DarkPoolPane.module.css'
import type { Print } from './Print'

/** From then on a print is loud, dollars. */
const Large = 10_000_000

const NoPrints = {
  title: 'No prints yet',
  body: 'A row appears as soon as a trade off the exchanges is reported.',
}

/** The newest prints off the exchanges. */
export function DarkPoolPane({
  prints,
  feeds,
  ...pane
}: {
  prints: EventList<Print>
  feeds: FeedStates
  situation: Situation
  heading: ReactNode
}): ReactNode {
  return (
    <EventPanel
      {...pane}
      events={prints}
      feed={useCell(feeds).get(prints.channel) ?? NotMeasured}
      name="Dark pool"
      label="Prints"
      words={NoPrints}
      within={rows => (
        <table className={`${table.table} ${styles.table}`}>
          <thead>
            <tr>
              <th scope="col" className={`${table.start} ${styles.time}`} title="Executed, New York">
                Time
              </th>
              <th scope="col" className={`${table.start} ${styles.ticker}`}>
                Ticker
              </th>
              <th scope="col" className={styles.price}>
                Price
              </th>
              <th
                scope="col"
                className={styles.side}
                title="Where the price stood between the best bid and offer"
              >
                Side
              </th>
              <th scope="col" className={styles.size}>
                Size
              </th>
              <th scope="col" title="Price times size">
                Value
              </th>
            </tr>
          </thead>
          <tbody>{rows}</tbody>
        </table>
      )}
      gap={gapInTable(table.gap)}
      row={(row: ItemRow<Print>) => <PrintRow key={row.key} row={row} />}
    />
  )
}

const PrintRow = memo(function PrintRow({ row }: { row: ItemRow<Print> }): ReactNode {
  const { ticker, price, size, premium, bid, ask, fill, executedAt, isCanceled } = row.item
  return (
    <tr
      data-testid="print-row"
      data-offset={row.offset}
      data-large={(premium !== null && premium >= Large) || undefined}
      data-canceled={isCanceled || undefined}
      title={isCanceled ? 'Canceled' : undefined}
    >
      <td className={`${table.start} ${table.faint}`} title={timesOf(row)}>
        {marketClock(executedAt ?? row.receivedAt)}
      </td>
      <th scope="row" className={table.name} title={ticker}>
        {ticker}
      </th>
      <td>{price === null ? Missing : sharePrice(price)}</td>
      <td
        className={styles.side}
        title={bid === null || ask === null ? undefined : `${sharePrice(bid)} × ${sharePrice(ask)}`}
      >
        <span>
          <NbboGauge fill={fill} isWordHidden />
        </span>
      </td>
      <td className={`${table.quiet} ${styles.size}`}>{size === null ? Missing : count(size)}</td>
      <td>{premium === null ? Missing : money(premium)}</td>
    </tr>
  )
})

function timesOf({ item, receivedAt }: ItemRow<Print>): string {
  const received = `received ${marketTimestamp(receivedAt)}`
  return item.executedAt === null ? received : `executed ${marketTimestamp(item.executedAt)}\n${received}`
}
