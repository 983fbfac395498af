import { type ReactNode, useEffect } from 'react'
import { type FeedStates, NotMeasured } from '../../stream/FeedStates'
import { Missing, sharePrice, signedMoney } from '../../ui/figures'
import { marketClock } from '../../ui/marketTime'
import { NoRows, Panel, type Situation } from '../../ui/Panel'
import { Segmented } from '../../ui/Segmented'
import { TickerField } from '../../ui/TickerField'
import { useCell } from '../../ui/useCell'
import { type Levels, LevelWords } from './Exposure'
import type { GammaBoard, GammaView } from './GammaBoard'
import styles from './GammaPane.module.css'
import { LevelLine } from './LevelLine'
import { StrikeChart, strikeText } from './StrikeChart'

const Weights = [
  { key: 'oi', label: 'OI', title: 'Weighted by open interest' },
  { key: 'vol', label: 'Vol', title: 'Weighted by the volume of today' },
] as const

/** Gamma exposure of a ticker of the reader's choice: its totals, and its strikes around spot. */
export function GammaPane({
  board,
  feeds,
  situation,
}: {
  board: GammaBoard
  feeds: FeedStates
  situation: Situation
}): ReactNode {
  useEffect(() => board.open(), [board])
  const view = useCell(board)
  const weight = useCell(board.weight)
  const feed = useCell(feeds).get(`gex:${view.ticker}`) ?? NotMeasured
  const { ticker, totals, strikes, spot, levels, at } = view
  const isEmpty = totals === null && strikes.length === 0
  return (
    <Panel
      name="Gamma exposure"
      situation={situation}
      feed={feed}
      isSubExtra
      sub={at === null ? undefined : <span className="data">{marketClock(at)}</span>}
      actions={
        <>
          <Segmented
            label="Weight"
            choices={Weights}
            selected={weight}
            onSelect={key => board.weight.set(key)}
          />
          <TickerField
            key={ticker}
            label="Ticker of the gamma exposure"
            action="Show"
            icon="enter"
            placeholder="Ticker"
            current={ticker}
            onSubmit={text => board.choose(text)}
          />
        </>
      }
    >
      {isEmpty ? (
        <NoRows
          {...view}
          situation={situation}
          feed={feed}
          words={{
            title: `No gamma exposure of ${ticker} yet`,
            body: 'The provider sends one about every ten seconds, for tickers that have options.',
          }}
        />
      ) : (
        <>
          <Figures view={view} levels={levels} />
          <StrikeChart ticker={ticker} strikes={strikes} weight={weight} spot={spot} levels={levels} />
          <LevelLine points={view.history} />
        </>
      )}
    </Panel>
  )
}

function Figures({ view, levels }: { view: GammaView; levels: Levels }): ReactNode {
  const { totals } = view
  return (
    <dl className={styles.figures}>
      <Dollars
        name="Per 1% move, OI"
        title="Dealers’ gamma exposure in dollars per move of one percent, weighted by open interest."
        value={totals?.byOpenInterest ?? null}
      />
      <Dollars
        name="By volume"
        title="The same, weighted by the volume of today."
        value={totals?.byVolume ?? null}
      />
      <Dollars
        name="Directional"
        title="The same by volume, its sign from the side that was traded."
        value={totals?.directional ?? null}
      />
      <Level name="Zero level" title={LevelWords.zero} value={levels.zero} text={sharePrice} />
      <Level name="Call wall" title={LevelWords.callWall} value={levels.callWall} text={strikeText} />
      <Level name="Put wall" title={LevelWords.putWall} value={levels.putWall} text={strikeText} />
    </dl>
  )
}

function Dollars({ name, title, value }: { name: string; title: string; value: number | null }): ReactNode {
  return (
    <div title={title}>
      <dt>{name}</dt>
      <dd data-negative={(value !== null && value < 0) || undefined}>
        {value === null ? Missing : signedMoney(value)}
      </dd>
    </div>
  )
}

function Level({
  name,
  title,
  value,
  text,
}: {
  name: string
  title: string
  value: number | null
  text: (value: number) => string
}): ReactNode {
  return (
    <div title={title}>
      <dt>{name}</dt>
      <dd>{value === null ? Missing : text(value)}</dd>
    </div>
  )
}
