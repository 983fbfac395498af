/** A stretch of time of which something is missing, epoch ms. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** A gap of a channel, as far as a line of time shows it. */
export interface GapFacts {
  readonly from: number | null
  readonly to: number | null
  readonly count: number | null
  readonly backfilled: number | boolean
}

/** Most stretches kept. */
const MostStretches = 200

/** The stretches with another gap: it adds one, or, where everything in it was filled in, takes those in it away. */
export function withGap(stretches: readonly Stretch[], gap: GapFacts): readonly Stretch[] {
  const { from, to } = gap
  if (from === null || to === null || to <= from || gap.count === 0) return stretches
  if (gap.backfilled !== false) return stretches.filter(known => known.from < from || known.to > to)
  const apart = stretches.filter(known => known.to < from || known.from > to)
  const touched = stretches.filter(known => known.to >= from && known.from <= to)
  const whole = {
    from: Math.min(from, ...touched.map(known => known.from)),
    to: Math.max(to, ...touched.map(known => known.to)),
  }
  return [...apart, whole].sort((a, b) => a.from - b.from).slice(-MostStretches)
}
