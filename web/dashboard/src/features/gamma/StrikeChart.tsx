import { type ReactNode, useRef } from 'react'
import { grouped, Missing, sharePrice, signedMoney } from '../../ui/figures'
import { useSize } from '../../ui/useSize'
import { aroundSpot, type Levels, type Strike, type Weight } from './Exposure'
import styles from './GammaPane.module.css'

/* Geometry of the drawing, in its own units, one to a px. */
const Left = 52
const Right = 92
const Top = 4
const Bottom = 18
const LeastRow = 11
const MostRow = 22
const MostBar = 11
/** Half of what a label is high: two that are closer would touch. */
const LabelGap = 14

/** The strikes around spot, highest on top: calls solid to the right, puts open to the left. */
export function StrikeChart({
  ticker,
  strikes,
  weight,
  spot,
  levels,
}: {
  ticker: string
  strikes: readonly Strike[]
  weight: Weight
  spot: number | null
  levels: Levels
}): ReactNode {
  const box = useRef<HTMLDivElement>(null)
  const { width, height } = useSize(box)
  const room = Math.max(0, Math.floor((height - Top - Bottom) / LeastRow))
  const shown = aroundSpot(strikes, spot, room)
  return (
    <div ref={box} className={styles.plot} data-testid="strike-chart">
      {strikes.length === 0 ? (
        <p className={styles.none}>No strikes yet. The provider sends them in rounds of about ten seconds.</p>
      ) : (
        width > Left + Right &&
        shown.length > 0 && (
          <Drawing
            ticker={ticker}
            rows={shown.toReversed()}
            all={strikes.length}
            weight={weight}
            spot={spot}
            levels={levels}
            width={width}
            height={height}
          />
        )
      )}
    </div>
  )
}

function Drawing({
  ticker,
  rows,
  all,
  weight,
  spot,
  levels,
  width,
  height,
}: {
  ticker: string
  /** From the highest strike down. */
  rows: readonly Strike[]
  all: number
  weight: Weight
  spot: number | null
  levels: Levels
  width: number
  height: number
}): ReactNode {
  const rowHeight = Math.min(MostRow, (height - Top - Bottom) / rows.length)
  const foot = Top + rows.length * rowHeight
  const values = rows.flatMap(row => [row.call[weight], row.put[weight]])
  const high = Math.max(0, ...values)
  const low = Math.max(0, ...values.map(value => -value))
  const room = width - Left - Right
  const scale = high + low > 0 ? room / (high + low) : 0
  const axis = Left + low * scale
  const barHeight = Math.min(MostBar, rowHeight - 2.5)
  const spotAt = spot === null ? null : heightOf(rows, spot, rowHeight)
  const zeroAt = levels.zero === null ? null : heightOf(rows, levels.zero, rowHeight)
  const walls = wallLabels(rows, levels, rowHeight, [spotAt, zeroAt])
  return (
    <svg
      className={styles.chart}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={chartWords(ticker, rows, all, spot, levels)}
    >
      {ticksOf(high, low).map(value => {
        const x = axis + value * scale
        return (
          <g key={value}>
            <line className={value === 0 ? styles.axis : styles.grid} x1={x} x2={x} y1={Top} y2={foot} />
            <text x={x} y={foot + 13} textAnchor="middle">
              {value === 0 ? '0' : signedMoney(value).replace(/\.0+(?=\D|$)/, '')}
            </text>
          </g>
        )
      })}
      {rows.map((row, index) => {
        const y = Top + index * rowHeight
        const middle = y + rowHeight / 2
        const isWall = row.strike === levels.callWall || row.strike === levels.putWall
        return (
          <g key={row.strike} data-testid="strike-row">
            <title>
              {`${strikeText(row.strike)}: calls ${signedMoney(row.call[weight])}, puts ${signedMoney(row.put[weight])}`}
            </title>
            <rect className={styles.hit} x="0" y={y} width={width} height={rowHeight} />
            <text className={isWall ? styles.wall : undefined} x={Left - 8} y={middle + 3.5} textAnchor="end">
              {strikeText(row.strike)}
            </text>
            <Bar value={row.put[weight]} kind="put" axis={axis} scale={scale} y={middle} height={barHeight} />
            <Bar
              value={row.call[weight]}
              kind="call"
              axis={axis}
              scale={scale}
              y={middle}
              height={barHeight}
            />
          </g>
        )
      })}
      {walls.map(({ y, words }) => (
        <text key={words} className={styles.lead} x={width - Right + 8} y={y + 3.5}>
          {words}
        </text>
      ))}
      {levels.zero !== null && zeroAt !== null && (
        <g className={styles.levels}>
          <line className={styles.zero} x1={Left} x2={width - Right} y1={zeroAt} y2={zeroAt} />
          <text className={styles.zeroText} x={width - Right + 8} y={clearOf(zeroAt, spotAt) + 3.5}>
            zero {sharePrice(levels.zero)}
          </text>
        </g>
      )}
      {spot !== null && spotAt !== null && (
        <g className={styles.levels}>
          <line className={styles.spot} x1={Left} x2={width - Right} y1={spotAt} y2={spotAt} />
          <rect className={styles.tag} x={width - Right + 4} y={spotAt - 8} width={Right - 8} height="16" />
          <text className={styles.tagText} x={width - Right + 8} y={spotAt + 3.5}>
            spot {sharePrice(spot)}
          </text>
        </g>
      )}
    </svg>
  )
}

function Bar({
  value,
  kind,
  axis,
  scale,
  y,
  height,
}: {
  value: number
  kind: 'call' | 'put'
  axis: number
  scale: number
  y: number
  height: number
}): ReactNode {
  const length = Math.abs(value) * scale
  if (length < 0.5) return null
  // An open bar is drawn by its edge, which must lie inside its length.
  const edge = kind === 'put' ? 0.75 : 0
  return (
    <rect
      className={styles[kind]}
      x={(value < 0 ? axis - length : axis) + edge}
      y={y - height / 2 + edge}
      width={Math.max(0.5, length - 2 * edge)}
      height={height - 2 * edge}
    />
  )
}

/** How far down a price stands among the rows, which begin with the highest strike; null outside of them. */
function heightOf(rows: readonly Strike[], price: number, rowHeight: number): number | null {
  const after = rows.findIndex(({ strike }) => strike <= price)
  const below = rows[after]
  if (below === undefined) return null
  const above = rows[after - 1]
  if (below.strike === price) return Top + (after + 0.5) * rowHeight
  if (above === undefined) return null
  return Top + (after - 0.5 + (above.strike - price) / (above.strike - below.strike)) * rowHeight
}

/** A label's place beside another one, moved off it when the two would touch. */
function clearOf(y: number, other: number | null): number {
  if (other === null || Math.abs(y - other) >= LabelGap) return y
  return y > other ? other + LabelGap : other - LabelGap
}

/** The walls that are in view and whose word would cover no other label; all of them stand among the figures too. */
function wallLabels(
  rows: readonly Strike[],
  { callWall, putWall }: Levels,
  rowHeight: number,
  taken: readonly (number | null)[],
): readonly { readonly y: number; readonly words: string }[] {
  const walls =
    callWall === putWall
      ? [[callWall, 'both walls'] as const]
      : [[callWall, 'call wall'] as const, [putWall, 'put wall'] as const]
  const labels: { y: number; words: string }[] = []
  for (const [strike, words] of walls) {
    const y = strike === null ? null : heightOf(rows, strike, rowHeight)
    if (y === null) continue
    if ([...taken, ...labels.map(label => label.y)].some(at => at !== null && Math.abs(at - y) < LabelGap))
      continue
    labels.push({ y, words })
  }
  return labels
}

/** Round values for the axis: nothing, and one or two to each side that has bars. */
function ticksOf(high: number, low: number): readonly number[] {
  const most = Math.max(high, low)
  if (most <= 0) return [0]
  const unit = 10 ** Math.floor(Math.log10(most))
  const step = [0.5, 1, 2, 5].map(factor => factor * unit).find(candidate => most / candidate < 3) ?? most
  const ticks = [0]
  for (let value = step; value <= most; value += step) {
    if (value <= high) ticks.push(value)
    if (value <= low) ticks.unshift(-value)
  }
  return ticks
}

/** `600`, `21,450`, `7.5`. */
export function strikeText(strike: number): string {
  if (strike >= 1e7) return strike.toExponential(1).replace('+', '')
  return Number.isInteger(strike) ? grouped(strike) : String(Number(strike.toFixed(3)))
}

function chartWords(
  ticker: string,
  rows: readonly Strike[],
  all: number,
  spot: number | null,
  { callWall, putWall, zero }: Levels,
): string {
  const price = (value: number | null): string => (value === null ? Missing : sharePrice(value))
  const from = rows.at(-1)?.strike ?? 0
  const to = rows[0]?.strike ?? 0
  return (
    `Gamma exposure of ${ticker} by strike, ${rows.length} of ${all} strikes from ${strikeText(from)} to ${strikeText(to)}. ` +
    `Spot ${price(spot)}, zero level ${price(zero)}, call wall ${price(callWall)}, put wall ${price(putWall)}.`
  )
}
