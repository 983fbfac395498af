import { memo, type ReactNode, useEffect } from 'react'
import { type FeedStates, NotMeasured } from '../../stream/FeedStates'
import { IconButton } from '../../ui/Button'
import { Change } from '../../ui/Change'
import { measuredWords } from '../../ui/FeedTag'
import { age, count, Missing, percentChange, sharePrice, signedPrice } from '../../ui/figures'
import { Icon } from '../../ui/Icon'
import { marketTimestamp } from '../../ui/marketTime'
import { Empty, Panel, type Situation } from '../../ui/Panel'
import { ScrollList } from '../../ui/ScrollList'
import table from '../../ui/Table.module.css'
import { TickerField } from '../../ui/TickerField'
import { type Source, useCell, useDerived } from '../../ui/useCell'
import styles from './PricesPane.module.css'
import { placeInRange, type Quote } from './Quote'
import type { Watched, WatchList } from './WatchList'

/** From then on a price is marked as old, ms: the provider sends one about every two seconds while a ticker trades. */
const StaleAfter = 60_000

const nothing = (): void => undefined

/** The watch-list: the newest price of each ticker the reader has chosen. */
export function PricesPane({
  list,
  feeds,
  situation,
}: {
  list: WatchList
  feeds: FeedStates
  situation: Situation
}): ReactNode {
  useEffect(() => list.open(), [list])
  const tickers = useCell(list.tickers)
  return (
    <Panel
      name="Watch-list"
      situation={situation}
      sub={tickers.length === 1 ? '1 ticker' : `${tickers.length} tickers`}
      actions={
        <TickerField
          label="Add a ticker to the watch-list"
          action="Add"
          icon="plus"
          placeholder="Add ticker"
          onSubmit={text => list.add(text)}
        />
      }
    >
      {tickers.length === 0 ? (
        <Empty
          words={{ title: 'No ticker is watched', body: 'Add one above. The list is kept in this browser.' }}
        />
      ) : (
        <ScrollList label="Watched tickers" isHeld={false} onLeaveTop={nothing} onReachTop={nothing}>
          <table className={`${table.table} ${styles.table}`}>
            <thead>
              <tr>
                <th scope="col" className={`${table.start} ${styles.ticker}`}>
                  Ticker
                </th>
                <th scope="col" className={styles.price}>
                  Price
                </th>
                <th scope="col" className={styles.change} title="Against the previous close">
                  Change
                </th>
                <th scope="col" className={styles.percent} title="Against the previous close">
                  %
                </th>
                <th scope="col" className={styles.volume} title="Shares traded today">
                  Vol
                </th>
                <th
                  scope="col"
                  className={styles.range}
                  title="The day’s low and high, and the price between them"
                >
                  Range
                </th>
                <th scope="col" className={styles.remove}>
                  <span className="visually-hidden">Remove</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {tickers.map(ticker => (
                <PriceRow
                  key={ticker}
                  ticker={ticker}
                  cell={list.watched(ticker)}
                  list={list}
                  feeds={feeds}
                  clock={situation.clock}
                />
              ))}
            </tbody>
          </table>
        </ScrollList>
      )}
    </Panel>
  )
}

const PriceRow = memo(function PriceRow({
  ticker,
  cell,
  list,
  feeds,
  clock,
}: {
  ticker: string
  cell: Source<Watched>
  list: WatchList
  feeds: FeedStates
  clock: Source<number>
}): ReactNode {
  const { quote, refusal, move } = useCell(cell)
  const old = useDerived(clock, now =>
    quote?.at == null || now - quote.at < StaleAfter ? null : age(now - quote.at),
  )
  return (
    <tr
      data-testid="price-row"
      data-ticker={ticker}
      data-old={old !== null || undefined}
      title={quote?.at == null ? undefined : `last price ${marketTimestamp(quote.at)}`}
    >
      <th scope="row" className={`${table.name} ${styles.ticker}`} title={ticker}>
        {ticker}
        {old !== null && (
          <small className={styles.old}>
            {' '}
            {old}
            <span className="visually-hidden"> old</span>
          </small>
        )}
      </th>
      {quote === null ? (
        <>
          <td colSpan={3} className={table.words} title={refusal ?? undefined}>
            {refusal ?? <Waiting ticker={ticker} feeds={feeds} />}
          </td>
          {/* They leave with their columns. */}
          <td className={styles.change} />
          <td className={styles.range} />
        </>
      ) : (
        <>
          <td className={styles.price}>
            <span key={move?.count ?? 0} className={styles.figure} data-moved={move?.way}>
              {sharePrice(quote.price)}
            </span>
          </td>
          <td className={styles.change}>
            <span className={table.quiet}>
              {quote.change === null ? Missing : signedPrice(quote.change, quote.price)}
            </span>
          </td>
          <td className={styles.percent}>
            <Change value={quote.changePercent} text={percentChange} />
          </td>
          <td className={`${table.quiet} ${styles.volume}`}>
            {quote.volume === null ? Missing : count(quote.volume)}
          </td>
          <td className={styles.range}>
            <DayRange quote={quote} />
          </td>
        </>
      )}
      <td className={styles.remove}>
        <IconButton label={`Remove ${ticker}`} onClick={() => list.remove(ticker)}>
          <Icon name="close" size="tiny" />
        </IconButton>
      </td>
    </tr>
  )
})

function Waiting({ ticker, feeds }: { ticker: string; feeds: FeedStates }): ReactNode {
  const states = useCell(feeds)
  return measuredWords(states.get(`price:${ticker}`) ?? NotMeasured) ?? 'no price yet'
}

/** The day's range as a line with the price on it; neutral, since high in the range is no opinion. */
function DayRange({ quote }: { quote: Quote }): ReactNode {
  const at = placeInRange(quote)
  if (at === null || quote.low === null || quote.high === null)
    return <span className={table.faint}>{Missing}</span>
  const words = `low ${sharePrice(quote.low)}, high ${sharePrice(quote.high)}`
  return (
    <span className={styles.track} title={words}>
      <i style={{ left: `${(at * 100).toFixed(1)}%` }} />
      <span className="visually-hidden">{words}</span>
    </span>
  )
}
