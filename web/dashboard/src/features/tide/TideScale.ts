import { inGroups, type Step, StepLength } from './PremiumSeries'
import type { Session } from './Session'

/** Where a moment of the session stands on the line, and how tall an amount is. In the drawing's own units, one to a px. */
export interface TideScale {
  readonly session: Session
  readonly width: number
  /** Where the line between calls and puts lies. */
  readonly middle: number
  /** Under it stands the axis. */
  readonly foot: number
  x(time: number): number
  timeAt(x: number): number
}

const Inset = 12
const Axis = 13
const LeastStep = 4.5

/** The scale of a line of that size. */
export function tideScale(session: Session, width: number, height: number): TideScale {
  const room = Math.max(1, width - 2 * Inset)
  const length = session.to - session.from
  const foot = height - Axis
  return {
    session,
    width,
    middle: Math.round(foot * 0.52) + 1,
    foot,
    x: time => Inset + ((Math.max(session.from, Math.min(session.to, time)) - session.from) / length) * room,
    timeAt: x => session.from + (Math.max(0, Math.min(room, x - Inset)) / room) * length,
  }
}

/** One bar: net premium of calls above the line or of puts below it. Sold more than bought, it is open. */
export interface TideBar {
  readonly side: 'call' | 'put'
  readonly isOpen: boolean
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The bars of the steps, as many steps to a bar as the width demands; heights on a square-root scale. */
export function barsOf(scale: TideScale, steps: readonly Step[]): readonly TideBar[] {
  const perStep = scale.x(scale.session.from + StepLength) - scale.x(scale.session.from)
  const size = Math.max(1, Math.ceil(LeastStep / perStep))
  const groups = inGroups(steps, scale.session.from, size)
  const most = Math.max(0, ...groups.map(({ call, put }) => Math.max(Math.abs(call), Math.abs(put))))
  if (most === 0) return []
  const above = scale.middle - 4
  const below = scale.foot - scale.middle - 1
  const width = Math.max(1, perStep * size - 1.2)
  const bars: TideBar[] = []
  for (const { at, call, put } of groups) {
    const x = scale.x(at)
    if (call !== 0) {
      const height = Math.max(1, Math.sqrt(Math.abs(call) / most) * above)
      bars.push({ side: 'call', isOpen: call < 0, x, y: scale.middle - height, width, height })
    }
    if (put !== 0) {
      const height = Math.max(1, Math.sqrt(Math.abs(put) / most) * below)
      bars.push({ side: 'put', isOpen: put < 0, x, y: scale.middle, width, height })
    }
  }
  return bars
}

/** The bars of one kind as one path, so that a whole session is four elements. */
export function pathOf(bars: readonly TideBar[], side: 'call' | 'put', isOpen: boolean): string {
  return bars
    .filter(bar => bar.side === side && bar.isOpen === isOpen)
    .map(({ x, y, width, height }) => {
      // An open bar is drawn by its edge, which must lie inside of it.
      const inset = isOpen ? 0.5 : 0
      const w = Math.max(0.1, width - 2 * inset)
      const h = Math.max(0.1, height - 2 * inset)
      return `M${(x + inset).toFixed(1)} ${(y + inset).toFixed(1)}h${w.toFixed(1)}v${h.toFixed(1)}h${(-w).toFixed(1)}z`
    })
    .join('')
}

const Hour = 3_600_000

/** The full hours in the session, every second one where the line is short. */
export function hoursOf({ session, width }: TideScale): readonly number[] {
  const every = width < 600 ? 2 : 1
  const hours: number[] = []
  // A zone off by half an hour from UTC has other full hours; New York has these.
  for (let hour = Math.ceil(session.from / Hour) * Hour; hour <= session.to; hour += Hour) hours.push(hour)
  return hours.filter((_, index) => (hours.length - 1 - index) % every === 0)
}

/** Strokes across the line where something is missing: at least one, however short the gap. */
export function hatchOf(scale: TideScale, from: number, to: number): string {
  const start = scale.x(from)
  const strokes = Math.max(2, Math.ceil((scale.x(to) - start) / 4))
  return Array.from(
    { length: strokes },
    (_, index) => `M${(start + index * 4).toFixed(1)} ${scale.middle + 8}l4 -16`,
  ).join('')
}
