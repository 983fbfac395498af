import { asNumber, asObject, asTime } from '../../stream/json'

/** Spot and the zero level at one moment. */
export interface LevelPoint {
  readonly at: number
  readonly spot: number | null
  readonly zero: number | null
}

/** One point a minute is enough for a line as wide as a panel. */
const PointEvery = 60_000
/** A session and what is before and after it. */
const MostPoints = 960

/** How the zero level and spot have moved, newest last. A point stands for its minute. */
export class LevelHistory {
  #points: readonly LevelPoint[]

  constructor(points: readonly LevelPoint[] = []) {
    this.#points = points
  }

  get points(): readonly LevelPoint[] {
    return this.#points
  }

  /** Takes what the levels are now. The last one of a minute stands for it. */
  add(point: LevelPoint): void {
    if (point.spot === null && point.zero === null) return
    const last = this.#points.at(-1)
    if (last !== undefined && point.at < minuteOf(last.at)) return
    const before =
      last !== undefined && minuteOf(last.at) === minuteOf(point.at)
        ? this.#points.slice(0, -1)
        : this.#points
    this.#points = [...before, point].slice(-MostPoints)
  }

  clear(): void {
    this.#points = []
  }
}

/** The points that were kept by an earlier page, as far as they are of that ticker and day. */
export function keptPoints(kept: unknown, ticker: string, day: string): readonly LevelPoint[] {
  const of = asObject(kept)
  if (of === null || of.ticker !== ticker || of.day !== day || !Array.isArray(of.points)) return []
  return (of.points as unknown[]).flatMap(point => {
    const at = asTime(asObject(point)?.at)
    if (at === null) return []
    return [{ at, spot: asNumber(asObject(point)?.spot), zero: asNumber(asObject(point)?.zero) }]
  })
}

function minuteOf(time: number): number {
  return Math.floor(time / PointEvery) * PointEvery
}
