import { memo, type PointerEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import type { Currency } from '../../ui/AsOf'
import { signedMoney } from '../../ui/figures'
import { marketClock, marketMinute } from '../../ui/marketTime'
import { type Source, useCell, useDerived } from '../../ui/useCell'
import { useSize } from '../../ui/useSize'
import { type Step, StepLength } from './PremiumSeries'
import type { SessionTide, TideView } from './SessionTide'
import styles from './TideLine.module.css'
import { barsOf, hatchOf, hoursOf, pathOf, type TideScale, tideScale } from './TideScale'

/** Where the page stands in the session. */
export interface TidePosition {
  /** How current the page is: not current, the line ends where it was. */
  readonly currency: Currency
  /** Where a paused reader is, epoch ms; null while the tape runs. */
  readonly readAt: number | null
  readonly isSimulated: boolean
}

/** The strip under the header: the session with its net premium, alerts and gaps, and where in it one is. */
export function TideLine({
  tide,
  clock,
  position,
}: {
  tide: SessionTide
  clock: Source<number>
  position: TidePosition
}): ReactNode {
  const box = useRef<HTMLElement>(null)
  const { width, height } = useSize(box)
  const view = useCell(tide)
  useEffect(() => clock.subscribe(() => tide.turn()), [clock, tide])
  const scale = useMemo(() => tideScale(view.session, width, height), [view.session, width, height])
  const [pointer, setPointer] = useState<number | null>(null)
  const onPointerMove = (event: PointerEvent): void => {
    if (event.pointerType === 'touch') return
    setPointer(event.clientX - event.currentTarget.getBoundingClientRect().left)
  }
  return (
    <section
      ref={box}
      className={styles.line}
      aria-label="Tide line"
      data-testid="tide-line"
      onPointerMove={onPointerMove}
      onPointerLeave={() => setPointer(null)}
    >
      {width > 0 && (
        <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={tideWords(view, position)}>
          <Bars scale={scale} steps={view.steps} />
          <Ground scale={scale} view={view} />
          <Cursors scale={scale} clock={clock} position={position} />
          {pointer !== null && <Reading scale={scale} steps={view.steps} x={pointer} />}
        </svg>
      )}
    </section>
  )
}

/** Four paths, made again only when a step has changed. */
const Bars = memo(function Bars({ scale, steps }: { scale: TideScale; steps: readonly Step[] }): ReactNode {
  const bars = barsOf(scale, steps)
  return (
    <>
      <path className={styles.call} d={pathOf(bars, 'call', false)} />
      <path className={styles.callOpen} d={pathOf(bars, 'call', true)} />
      <path className={styles.put} d={pathOf(bars, 'put', false)} />
      <path className={styles.putOpen} d={pathOf(bars, 'put', true)} />
    </>
  )
})

const Ground = memo(function Ground({ scale, view }: { scale: TideScale; view: TideView }): ReactNode {
  const { session, middle, foot, x } = scale
  const knownFrom = view.firstAt === null ? session.to : Math.max(session.from, view.firstAt)
  return (
    <>
      {/* What was before the oldest entry was not asked for: it is not nothing, so its line is not drawn through. */}
      <line className={styles.before} x1={x(session.from)} x2={x(knownFrom)} y1={middle} y2={middle} />
      <line className={styles.middle} x1={x(knownFrom)} x2={x(session.to)} y1={middle} y2={middle} />
      {view.missing.map(({ from, to }) => (
        <path key={from} className={styles.missing} data-testid="tide-missing" d={hatchOf(scale, from, to)}>
          <title>{`Missing from ${marketClock(from)} to ${marketClock(to)}`}</title>
        </path>
      ))}
      {hoursOf(scale).map(hour => (
        <text key={hour} x={x(hour)} y={foot + 10} textAnchor={hour === session.to ? 'end' : 'middle'}>
          {marketMinute(hour)}
        </text>
      ))}
      {session.kind === 'exchange' && scale.width >= 600 && (
        <text x={x(session.from)} y={foot + 10}>
          {marketMinute(session.from)}
        </text>
      )}
      {view.notches.map(({ at, words }, index) => (
        <path key={`${at}:${index}`} className={styles.notch} d={`M${(x(at) - 3).toFixed(1)} 1h6l-3 5Z`}>
          <title>{`${marketClock(at)} ${words}`}</title>
        </path>
      ))}
    </>
  )
})

function Cursors({
  scale,
  clock,
  position,
}: {
  scale: TideScale
  clock: Source<number>
  position: TidePosition
}): ReactNode {
  const now = useDerived(clock, time => Math.floor(time / 1_000) * 1_000)
  const { session, width, middle, x } = scale
  const { currency, readAt, isSimulated } = position
  const isLost = currency.kind !== 'current'
  const at = isLost ? currency.since : now
  const isOver = at === null || at > session.to || at < session.from
  const word = isLost ? 'nothing received since' : isSimulated ? 'simulated' : null
  const isRoomRight = at !== null && width - x(at) > 190
  return (
    <>
      {!isOver && <Cursor scale={scale} at={at} kind="now" />}
      {!isOver && word !== null && isRoomRight && (
        <text className={styles.word} x={x(at) + 66} y={middle - 6}>
          {word}
        </text>
      )}
      {readAt !== null && readAt >= session.from && readAt <= session.to && (
        <Cursor scale={scale} at={readAt} kind="read" />
      )}
    </>
  )
}

const FlagHeight = 13
const FlagWidth = 57

/** A line with its time on a flag: to the right for now, to the left for where a reader has stopped. */
function Cursor({ scale, at, kind }: { scale: TideScale; at: number; kind: 'now' | 'read' }): ReactNode {
  const x = scale.x(at)
  const isLeft = kind === 'read' ? x > FlagWidth : x + FlagWidth > scale.width
  const flag = isLeft ? x - FlagWidth : x
  return (
    <g className={kind === 'read' ? styles.brass : undefined} data-testid={`tide-${kind}`}>
      <line className={styles.cursor} x1={x} x2={x} y1="0" y2={scale.foot + 1} />
      <rect className={styles.flag} x={flag} y="0" width={FlagWidth} height={FlagHeight} />
      <text className={styles.flagText} x={flag + 4} y="10">
        {marketClock(at)}
      </text>
    </g>
  )
}

/** What the line says where the pointer is. */
function Reading({ scale, steps, x }: { scale: TideScale; steps: readonly Step[]; x: number }): ReactNode {
  const time = scale.timeAt(x)
  const step = steps.findLast(({ at }) => at <= time && time < at + StepLength)
  const words =
    step === undefined
      ? marketMinute(time)
      : `${marketMinute(step.at)}  calls ${signedMoney(step.call)}  puts ${signedMoney(step.put)}`
  const isLeft = x > scale.width - 230
  return (
    <g>
      <line className={styles.reading} x1={x} x2={x} y1="0" y2={scale.foot} />
      <text
        className={styles.readingText}
        x={x + (isLeft ? -6 : 6)}
        y={scale.foot - 3}
        textAnchor={isLeft ? 'end' : 'start'}
      >
        {words}
      </text>
    </g>
  )
}

/** The line in a sentence, for those who hear the page. */
function tideWords({ session, steps, missing, notches }: TideView, { readAt }: TidePosition): string {
  const call = steps.reduce((sum, step) => sum + step.call, 0)
  const put = steps.reduce((sum, step) => sum + step.put, 0)
  const parts = [
    `Net premium from ${marketMinute(session.from)} to ${marketMinute(session.to)} New York time`,
    `calls ${signedMoney(call)}, puts ${signedMoney(put)}`,
  ]
  if (notches.length > 0) parts.push(`${notches.length} alerts`)
  if (missing.length > 0) parts.push(`${missing.length} gaps`)
  if (readAt !== null) parts.push(`paused at ${marketClock(readAt)}`)
  return `${parts.join(', ')}.`
}
