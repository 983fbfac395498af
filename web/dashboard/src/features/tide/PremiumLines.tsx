import { type PointerEvent, type ReactNode, useMemo, useRef, useState } from 'react'
import { signedMoney } from '../../ui/figures'
import { marketMinute } from '../../ui/marketTime'
import { useSize } from '../../ui/useSize'
import styles from './PremiumLines.module.css'
import { runningTotals, type Step, StepLength } from './PremiumSeries'
import type { Session } from './Session'

/* Geometry of the drawing, in its own units, one to a px. */
const Left = 10
const Right = 58
const Top = 8
const Bottom = 16
const LabelGap = 12

/** Net premium since the first step, calls solid and puts dashed, over the whole session. */
export function PremiumLines({
  name,
  session,
  steps,
}: {
  /** Of what it is, for those who hear the page. */
  name: string
  session: Session
  steps: readonly Step[]
}): ReactNode {
  const box = useRef<HTMLDivElement>(null)
  const { width, height } = useSize(box)
  const totals = useMemo(() => runningTotals(steps), [steps])
  const [pointer, setPointer] = useState<number | null>(null)
  const onPointerMove = (event: PointerEvent): void =>
    setPointer(event.clientX - event.currentTarget.getBoundingClientRect().left)
  return (
    <div
      ref={box}
      className={styles.plot}
      data-testid="premium-lines"
      onPointerMove={onPointerMove}
      onPointerLeave={() => setPointer(null)}
    >
      {width > Left + Right && height > Top + Bottom && (
        <Drawing
          name={name}
          session={session}
          totals={totals}
          width={width}
          height={height}
          pointer={pointer}
        />
      )}
    </div>
  )
}

function Drawing({
  name,
  session,
  totals,
  width,
  height,
  pointer,
}: {
  name: string
  session: Session
  totals: readonly Step[]
  width: number
  height: number
  pointer: number | null
}): ReactNode {
  const values = totals.flatMap(({ call, put }) => [call, put])
  const high = Math.max(0, ...values)
  const low = Math.min(0, ...values)
  const room = width - Left - Right
  const x = (time: number): number =>
    Left + (Math.min(time - session.from, session.to - session.from) / (session.to - session.from)) * room
  const y = (value: number): number =>
    Top + (high === low ? 0.5 : (high - value) / (high - low)) * (height - Top - Bottom)
  const last = totals.at(-1)
  const path = (side: 'call' | 'put'): string =>
    totals
      .map((step, index) => `${index === 0 ? 'M' : 'L'}${x(step.at).toFixed(1)} ${y(step[side]).toFixed(1)}`)
      .join('')
  const read = pointer === null ? undefined : totals.findLast(step => x(step.at) <= pointer)
  const shown = read ?? last
  const callAt = last === undefined ? 0 : y(last.call)
  const putAt = last === undefined ? 0 : clearOf(y(last.put), callAt)
  return (
    <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={lineWords(name, totals)}>
      {gridOf(high, low).map(value => (
        <line
          key={value}
          className={value === 0 ? styles.zero : styles.grid}
          x1={Left}
          x2={width - Right}
          y1={y(value)}
          y2={y(value)}
        />
      ))}
      {hoursOf(session, room).map(hour => (
        <text
          key={hour}
          x={x(hour)}
          y={height - 4}
          textAnchor={x(hour) > width - Right - 16 ? 'end' : 'middle'}
        >
          {marketMinute(hour)}
        </text>
      ))}
      <path className={styles.call} d={path('call')} />
      <path className={styles.put} d={path('put')} />
      {read !== undefined && (
        <>
          <line className={styles.reading} x1={x(read.at)} x2={x(read.at)} y1={Top} y2={height - Bottom} />
          <text
            x={x(read.at)}
            y={Top + 2}
            textAnchor={x(read.at) > width / 2 ? 'end' : 'start'}
            dx={x(read.at) > width / 2 ? -4 : 4}
          >
            {marketMinute(read.at + StepLength)}
          </text>
        </>
      )}
      {last !== undefined && shown !== undefined && (
        <>
          <text className={styles.callText} x={width - Right + 6} y={callAt + 3.5}>
            {signedMoney(shown.call)}
          </text>
          <text className={styles.putText} x={width - Right + 6} y={putAt + 3.5}>
            {signedMoney(shown.put)}
          </text>
        </>
      )}
    </svg>
  )
}

/** Which line is which. */
export function PremiumLegend(): ReactNode {
  return (
    <>
      <span className={styles.legend} data-side="call">
        <i /> calls
      </span>
      <span className={styles.legend} data-side="put">
        <i /> puts
      </span>
    </>
  )
}

/** A label's place beside another one, moved off it when the two would touch. */
function clearOf(y: number, other: number): number {
  if (Math.abs(y - other) >= LabelGap) return y
  return y >= other ? other + LabelGap : other - LabelGap
}

/** Nothing, and two round values to each side that has any. */
function gridOf(high: number, low: number): readonly number[] {
  const most = Math.max(high, -low)
  if (most === 0) return [0]
  const unit = 10 ** Math.floor(Math.log10(most))
  const step = [0.5, 1, 2, 5].map(factor => factor * unit).find(candidate => most / candidate < 3) ?? most
  return [-2, -1, 0, 1, 2].map(factor => factor * step).filter(value => value <= high && value >= low)
}

const Hour = 3_600_000
const HourRoom = 44

function hoursOf(session: Session, room: number): readonly number[] {
  const hours: number[] = []
  for (let hour = Math.ceil(session.from / Hour) * Hour; hour <= session.to; hour += Hour) hours.push(hour)
  const every = Math.max(1, Math.ceil((hours.length * HourRoom) / room))
  return hours.filter((_, index) => (hours.length - 1 - index) % every === 0)
}

function lineWords(name: string, totals: readonly Step[]): string {
  const last = totals.at(-1)
  const first = totals[0]
  return last === undefined || first === undefined
    ? `${name}: nothing yet.`
    : `${name} since ${marketMinute(first.at)}: calls ${signedMoney(last.call)}, puts ${signedMoney(last.put)}.`
}
