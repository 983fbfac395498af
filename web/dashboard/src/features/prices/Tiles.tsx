import { memo, type ReactNode } from 'react'
import { type FeedStates, NotMeasured } from '../../stream/FeedStates'
import { IconButton } from '../../ui/Button'
import { Change } from '../../ui/Change'
import { measuredWords } from '../../ui/FeedTag'
import { age, count, Missing, percentChange, sharePrice, signedPrice } from '../../ui/figures'
import { Icon } from '../../ui/Icon'
import { marketTimestamp } from '../../ui/marketTime'
import { type Source, useCell, useDerived } from '../../ui/useCell'
import type { Candle } from './CandleSeries'
import type { Quote } from './Quote'
import styles from './Tiles.module.css'
import type { Watched, WatchList } from './WatchList'

/** From then on a price is marked as old, ms: the provider sends one about every two seconds while a ticker trades. */
const StaleAfter = 60_000

/** The watched tickers, each with its newest price; the one whose chart is shown is marked. */
export function Tiles({
  list,
  feeds,
  clock,
  isEditing,
}: {
  list: WatchList
  feeds: FeedStates
  clock: Source<number>
  isEditing: boolean
}): ReactNode {
  const tickers = useCell(list.tickers)
  const shown = useCell(list.shown)
  return (
    <div className={styles.scroll}>
      <ul className={styles.tiles} aria-label="Watched tickers">
        {tickers.map(ticker => (
          <Tile
            key={ticker}
            ticker={ticker}
            cell={list.watched(ticker)}
            list={list}
            feeds={feeds}
            clock={clock}
            isShown={ticker === shown}
            isEditing={isEditing}
          />
        ))}
      </ul>
    </div>
  )
}

const Tile = memo(function Tile({
  ticker,
  cell,
  list,
  feeds,
  clock,
  isShown,
  isEditing,
}: {
  ticker: string
  cell: Source<Watched>
  list: WatchList
  feeds: FeedStates
  clock: Source<number>
  isShown: boolean
  isEditing: boolean
}): ReactNode {
  const { quote, refusal, move } = useCell(cell)
  const old = useDerived(clock, now =>
    quote?.at == null || now - quote.at < StaleAfter ? null : age(now - quote.at),
  )
  return (
    <li
      className={styles.cell}
      data-testid="price-tile"
      data-ticker={ticker}
      data-old={old !== null || undefined}
    >
      <button
        type="button"
        className={styles.tile}
        aria-pressed={isShown}
        title={quote === null ? undefined : quoteWords(quote)}
        onClick={() => list.show(ticker)}
        onKeyDown={event => {
          if (event.key === 'Delete') list.remove(ticker)
        }}
      >
        <span className={styles.line}>
          <span className={styles.ticker}>{ticker}</span>
          {quote !== null && (
            <span key={move?.count ?? 0} className={styles.figure} data-moved={move?.way}>
              {sharePrice(quote.price)}
            </span>
          )}
        </span>
        <span className={`${styles.line} ${styles.second}`}>
          {quote === null ? (
            <span>{refusal ?? <Waiting ticker={ticker} feeds={feeds} />}</span>
          ) : (
            <>
              {old === null ? (
                <Spark candles={list.candles(ticker).of(SparkStretch)} />
              ) : (
                <span>{old} old</span>
              )}
              <Change value={quote.changePercent} text={percentChange} />
            </>
          )}
        </span>
      </button>
      {isEditing && (
        <IconButton label={`Remove ${ticker}`} onClick={() => list.remove(ticker)}>
          <Icon name="close" size="small" />
        </IconButton>
      )}
    </li>
  )
})

function Waiting({ ticker, feeds }: { ticker: string; feeds: FeedStates }): ReactNode {
  const states = useCell(feeds)
  return measuredWords(states.get(`price:${ticker}`) ?? NotMeasured) ?? 'no price yet'
}

/** A quote in full, a fact on a line. */
export function quoteWords({ price, change, volume, low, high, at }: Quote): string {
  return [
    `change ${change === null ? Missing : signedPrice(change, price)}`,
    `volume ${volume === null ? Missing : count(volume)}`,
    `low ${low === null ? Missing : sharePrice(low)}, high ${high === null ? Missing : sharePrice(high)}`,
    ...(at === null ? [] : [`last price ${marketTimestamp(at)}`]),
  ].join('\n')
}

const SparkStretch = 10_000
/** Most points of the little line. */
const SparkPoints = 40
const SparkWidth = 52
const SparkHeight = 16

/** The last closes as a little line: which way, not how far. */
function Spark({ candles }: { candles: readonly Candle[] }): ReactNode {
  const closes = candles.slice(-SparkPoints).map(({ close }) => close)
  const high = Math.max(...closes)
  const low = Math.min(...closes)
  const path = closes
    .map((close, index) => {
      const x = (index / (closes.length - 1)) * SparkWidth
      const y = high === low ? SparkHeight / 2 : 1 + ((high - close) / (high - low)) * (SparkHeight - 2)
      return `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`
    })
    .join('')
  return (
    <svg className={styles.spark} viewBox={`0 0 ${SparkWidth} ${SparkHeight}`} aria-hidden="true">
      {closes.length > 1 && <path d={path} />}
    </svg>
  )
}
