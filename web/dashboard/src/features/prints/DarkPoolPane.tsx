import { memo, type ReactNode, useEffect } from 'react'
import type { EventList, ItemRow } from '../../stream/EventList'
import { type FeedStates, NotMeasured } from '../../stream/FeedStates'
import { count, Missing, money, sharePrice } from '../../ui/figures'
import { GapLine } from '../../ui/GapLine'
import { marketClock, marketTimestamp } from '../../ui/marketTime'
import { NbboGauge } from '../../ui/NbboGauge'
import { NoRows, Panel, type Situation } from '../../ui/Panel'
import { ScrollList, Waiting } from '../../ui/ScrollList'
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
  situation,
  heading,
}: {
  prints: EventList<Print>
  feeds: FeedStates
  situation: Situation
  heading?: ReactNode
}): ReactNode {
  useEffect(() => prints.open(), [prints])
  const view = useCell(prints)
  const feed = useCell(feeds).get(prints.channel) ?? NotMeasured
  return (
    <Panel
      name="Dark pool"
      heading={heading}
      situation={situation}
      feed={feed}
      sub={view.isHeld ? 'held while you read' : undefined}
      actions={<Waiting count={view.waiting} onShow={prints.reachTop} />}
    >
      {view.rows.length === 0 ? (
        <NoRows {...view} situation={situation} feed={feed} words={NoPrints} />
      ) : (
        <ScrollList
          label="Prints"
          isHeld={view.isHeld}
          onLeaveTop={prints.leaveTop}
          onReachTop={prints.reachTop}
        >
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
            <tbody>
              {view.rows.map(row =>
                row.kind === 'gap' ? (
                  <tr key={row.key} data-testid="panel-gap">
                    <td className={table.gap}>
                      <GapLine gap={row} />
                    </td>
                  </tr>
                ) : (
                  <PrintRow key={row.key} row={row} />
                ),
              )}
            </tbody>
          </table>
        </ScrollList>
      )}
    </Panel>
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
