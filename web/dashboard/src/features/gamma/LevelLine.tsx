import { type ReactNode, useRef } from 'react'
import { Missing, sharePrice } from '../../ui/figures'
import { marketMinute } from '../../ui/marketTime'
import { Popover, PopoverSection } from '../../ui/Popover'
import { useSize } from '../../ui/useSize'
import { LevelWords } from './Exposure'
import styles from './GammaPane.module.css'
import type { LevelPoint } from './LevelHistory'

const Inset = 4

/** Under the strikes: how spot and the zero level have moved since the page is open. */
export function LevelLine({ points }: { points: readonly LevelPoint[] }): ReactNode {
  const box = useRef<HTMLDivElement>(null)
  const { width, height } = useSize(box)
  const first = points[0]
  const last = points.at(-1)
  return (
    <div className={styles.history}>
      <span className={styles.historyName}>
        Zero level
        {first !== undefined && <span className="data"> since {marketMinute(first.at)}</span>}
      </span>
      <div ref={box} className={styles.historyPlot} data-testid="level-history">
        {first !== undefined && last !== undefined && last.at > first.at && width > 0 && (
          <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={historyWords(first, last)}>
            <path className={styles.historyZero} d={lineOf(points, 'zero', width, height)} />
            <path className={styles.historySpot} d={lineOf(points, 'spot', width, height)} />
          </svg>
        )}
      </div>
      <Popover
        name="How it is computed"
        trigger={props => (
          <button type="button" {...props} className={styles.how}>
            How it is computed
          </button>
        )}
      >
        <Formula />
      </Popover>
    </div>
  )
}

/** One of the two lines, broken where its value is unknown. Both share a scale, so that a crossing is one. */
function lineOf(
  points: readonly LevelPoint[],
  which: 'spot' | 'zero',
  width: number,
  height: number,
): string {
  const values = points.flatMap(({ spot, zero }) => [spot, zero]).filter(value => value !== null)
  const low = Math.min(...values)
  const high = Math.max(...values)
  const from = points[0]?.at ?? 0
  const length = (points.at(-1)?.at ?? 0) - from
  let isBroken = true
  let path = ''
  for (const point of points) {
    const value = point[which]
    if (value !== null) {
      const x = Inset + ((point.at - from) / length) * (width - 2 * Inset)
      const share = high === low ? 0.5 : (high - value) / (high - low)
      path += `${isBroken ? 'M' : 'L'}${x.toFixed(1)} ${(Inset + share * (height - 2 * Inset)).toFixed(1)}`
    }
    isBroken = value === null
  }
  return path
}

/** The levels as they are made, the same words as `docs/gamma.md`. */
function Formula(): ReactNode {
  return (
    <>
      <PopoverSection title="Exposure of a strike">
        <p>
          What the provider publishes per strike: calls and puts, in dollars that dealers must trade when the
          share moves by one percent. Puts are negative. <b>OI</b> weighs by the contracts held since
          yesterday, <b>Vol</b> by those traded today.
        </p>
      </PopoverSection>
      <PopoverSection title="Zero level">
        <p>{LevelWords.zero} Between two strikes it is taken on a straight line:</p>
        <p className="data">zero = k₁ + |s₁| ÷ (|s₁| + |s₂|) × (k₂ − k₁)</p>
        <p>
          where s is the sum up to a strike k, with s₁ and s₂ of opposite sign. It is a level of what is
          published now, not a forecast: no price is shifted and no model is applied.
        </p>
      </PopoverSection>
      <PopoverSection title="Walls">
        <p>
          Call wall: {lowerFirst(LevelWords.callWall)} Put wall: {lowerFirst(LevelWords.putWall)}
        </p>
      </PopoverSection>
    </>
  )
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}

function historyWords(first: LevelPoint, last: LevelPoint): string {
  const price = (value: number | null): string => (value === null ? Missing : sharePrice(value))
  return (
    `From ${marketMinute(first.at)} to ${marketMinute(last.at)}: zero level from ${price(first.zero)} to ` +
    `${price(last.zero)}, spot from ${price(first.spot)} to ${price(last.spot)}.`
  )
}
