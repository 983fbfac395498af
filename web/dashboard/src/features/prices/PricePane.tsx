import { type ReactNode, useEffect, useRef, useState } from 'react'
import { type FeedStates, NotMeasured } from '../../stream/FeedStates'
import { Change } from '../../ui/Change'
import { count, percentChange, sharePrice, signedPrice } from '../../ui/figures'
import { marketMinute } from '../../ui/marketTime'
import { NoRows, Panel, type Situation } from '../../ui/Panel'
import { Segmented } from '../../ui/Segmented'
import { TickerField } from '../../ui/TickerField'
import { useCell } from '../../ui/useCell'
import { useInkGeneration } from '../../ui/useInks'
import type { CandleChart } from './candleChart'
import styles from './PricePane.module.css'
import { quoteWords } from './Tiles'
import type { WatchList } from './WatchList'

const Stretches = [
  { key: '10s', label: '10s', title: 'Candles of ten seconds', length: 10_000 },
  { key: '1m', label: '1m', title: 'Candles of a minute', length: 60_000 },
  { key: '5m', label: '5m', title: 'Candles of five minutes', length: 300_000 },
  { key: '15m', label: '15m', title: 'Candles of a quarter of an hour', length: 900_000 },
] as const
type StretchKey = (typeof Stretches)[number]['key']

/** The chart of one ticker: what the server remembers of its price, and what comes. */
export function PricePane({
  list,
  feeds,
  situation,
}: {
  list: WatchList
  feeds: FeedStates
  situation: Situation
}): ReactNode {
  const ticker = useCell(list.shown)
  const [stretch, setStretch] = useState<StretchKey>('1m')
  const { quote, refusal, isLoaded } = useCell(list.watched(ticker))
  const feed = useCell(feeds).get(`price:${ticker}`) ?? NotMeasured
  const { firstAt } = list.candles(ticker)
  const length = Stretches.find(({ key }) => key === stretch)?.length ?? 60_000
  return (
    <Panel
      name="Price"
      heading={
        <h2 className={styles.heading}>
          <span className="visually-hidden">Price of </span>
          <TickerField
            key={ticker}
            label="Ticker of the price chart"
            action="Show"
            icon="enter"
            placeholder="Ticker"
            current={ticker}
            onSubmit={text => list.show(text)}
          />
        </h2>
      }
      situation={situation}
      feed={feed}
      actions={<Segmented label="Stretch" choices={Stretches} selected={stretch} onSelect={setStretch} />}
    >
      {quote === null ? (
        <NoRows
          isLoaded={isLoaded}
          refusal={refusal}
          situation={situation}
          feed={feed}
          words={{
            title: `No price of ${ticker} yet`,
            body: 'The provider sends one about every two seconds while a ticker trades.',
          }}
        />
      ) : (
        <>
          <div className={`data ${styles.quote}`} title={quoteWords(quote)} data-testid="quote">
            <strong>{sharePrice(quote.price)}</strong>
            <span>
              <Change value={quote.change} text={change => signedPrice(change, quote.price)} />
            </span>
            <Change value={quote.changePercent} text={percentChange} />
            {quote.volume !== null && <span className={styles.volume}>vol {count(quote.volume)}</span>}
            {firstAt !== null && <span className={styles.since}>since {marketMinute(firstAt)}</span>}
          </div>
          <Chart list={list} ticker={ticker} length={length} />
        </>
      )}
    </Panel>
  )
}

/** The drawing library, fetched when the first chart is shown. */
const drawing = () => import('./candleChart')

function Chart({ list, ticker, length }: { list: WatchList; ticker: string; length: number }): ReactNode {
  const box = useRef<HTMLDivElement>(null)
  const [chart, setChart] = useState<CandleChart | null>(null)
  const [fault, setFault] = useState<string | null>(null)
  const inks = useInkGeneration()
  useEffect(() => {
    let made: CandleChart | null = null
    let isOver = false
    drawing().then(
      module => {
        if (isOver || box.current === null) return
        made = new module.CandleChart(box.current)
        setChart(made)
      },
      () => setFault('The chart could not be loaded from this server. The figures above go on.'),
    )
    return () => {
      isOver = true
      setChart(null)
      made?.end()
    }
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new generation of inks is what it waits for
  useEffect(() => {
    chart?.ink()
    chart?.show(list.candles(ticker), length)
  }, [chart, inks])
  useEffect(() => {
    if (chart === null) return
    const show = (): void => chart.show(list.candles(ticker), length)
    show()
    return list.watched(ticker).subscribe(show)
  }, [chart, list, ticker, length])
  return (
    <div className={styles.plot}>
      <div ref={box} className={styles.chart} data-testid="candle-chart" data-drawn={chart !== null} />
      {fault !== null && <p className={styles.fault}>{fault}</p>}
      <a className={styles.maker} href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
        Chart by TradingView
      </a>
    </div>
  )
}
