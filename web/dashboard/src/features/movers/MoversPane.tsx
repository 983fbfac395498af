import { type ReactNode, useEffect } from 'react'
import type { EventList } from '../../stream/EventList'
import { type FeedStates, NotMeasured } from '../../stream/FeedStates'
import { Change } from '../../ui/Change'
import { count, Missing, percentChange, sharePrice, signedPrice } from '../../ui/figures'
import { marketClock } from '../../ui/marketTime'
import { NoRows, Panel, type Situation } from '../../ui/Panel'
import { ScrollList } from '../../ui/ScrollList'
import table from '../../ui/Table.module.css'
import { useCell } from '../../ui/useCell'
import type { Mover, Movers } from './Movers'
import styles from './MoversPane.module.css'

const NoMovers = { title: 'No movers yet', body: 'The server asks for them over REST, every so often.' }

const Lists = [
  ['mostActive', 'Most active'],
  ['gainers', 'Gainers'],
  ['losers', 'Losers'],
] as const

const nothing = (): void => undefined

/** Most active, gainers and losers, as last published. On trial: the feed's name is only presumed. */
export function MoversPane({
  movers,
  feeds,
  situation,
  heading,
  actions,
}: {
  movers: EventList<Movers>
  feeds: FeedStates
  situation: Situation
  heading: ReactNode
  actions: ReactNode
}): ReactNode {
  useEffect(() => movers.open(), [movers])
  const view = useCell(movers)
  const feed = useCell(feeds).get(movers.channel) ?? NotMeasured
  const newest = view.rows.find(row => row.kind === 'item')
  return (
    <Panel
      name="Movers"
      heading={heading}
      situation={situation}
      feed={feed}
      isFeedAlwaysShown
      isSubExtra
      sub={newest === undefined ? undefined : <span className="data">{marketClock(newest.receivedAt)}</span>}
      actions={actions}
    >
      {newest === undefined ? (
        <NoRows {...view} situation={situation} feed={feed} words={NoMovers} />
      ) : (
        <ScrollList label="Lists of movers" isHeld={false} onLeaveTop={nothing} onReachTop={nothing}>
          <div className={styles.lists}>
            {Lists.map(([key, label]) => (
              <MoverList key={key} label={label} rows={newest.item[key]} />
            ))}
          </div>
        </ScrollList>
      )}
    </Panel>
  )
}

function MoverList({ label, rows }: { label: string; rows: readonly Mover[] }): ReactNode {
  return (
    <table className={`${table.table} ${styles.table}`}>
      <thead>
        <tr>
          <th scope="col" className={`${table.start} ${styles.ticker}`}>
            <h3>{label}</h3>
          </th>
          <th scope="col">Price</th>
          <th scope="col" className={styles.percent}>
            Change
          </th>
          <th scope="col" className={styles.volume}>
            Vol
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.length === 0 && (
          <tr>
            <td colSpan={4} className={table.words}>
              none
            </td>
          </tr>
        )}
        {rows.map(({ ticker, price, change, changePercent, volume }) => (
          <tr key={ticker} data-testid="mover-row">
            <th scope="row" className={table.name} title={ticker}>
              {ticker}
            </th>
            <td>{price === null ? Missing : sharePrice(price)}</td>
            <td title={change === null ? undefined : signedPrice(change, price ?? change)}>
              <Change value={changePercent} text={percentChange} />
            </td>
            <td className={`${table.quiet} ${styles.volume}`}>{volume === null ? Missing : count(volume)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
