import { asNumber, asObject, asTime } from '../../stream/json'

/** What exposure is weighted by: contracts held since yesterday, or contracts traded today. */
export type Weight = 'oi' | 'vol'

/** The totals of a ticker, in dollars per move of one percent. What the payload lacks is null. */
export interface Totals {
  readonly byOpenInterest: number | null
  readonly byVolume: number | null
  /** By volume, with its sign from the side that was traded. */
  readonly directional: number | null
  readonly spot: number | null
  /** By the provider's clock, epoch ms. */
  readonly at: number | null
}

/** Calls and puts of one strike, in dollars per move of one percent. Puts are negative as the provider sends them. */
export interface Strike {
  readonly strike: number
  readonly call: Readonly<Record<Weight, number>>
  readonly put: Readonly<Record<Weight, number>>
  readonly spot: number | null
  readonly at: number | null
}

/** Reads a payload of `gex`. Null when it holds none of the totals. */
export function parseTotals(data: unknown): Totals | null {
  const payload = asObject(data)
  if (payload === null) return null
  const totals = {
    byOpenInterest: asNumber(payload.gamma_per_one_percent_move_oi),
    byVolume: asNumber(payload.gamma_per_one_percent_move_vol),
    directional: asNumber(payload.gamma_per_one_percent_move_dir),
  }
  if (Object.values(totals).every(total => total === null)) return null
  return { ...totals, spot: asNumber(payload.price), at: timeOf(payload) }
}

/** Reads a payload of `gex_strike`. Null without a strike. A figure that is missing counts as nothing. */
export function parseStrike(data: unknown): Strike | null {
  const payload = asObject(data)
  const strike = asNumber(payload?.strike)
  if (payload === null || strike === null || strike <= 0) return null
  const figure = (name: string): number => asNumber(payload[name]) ?? 0
  return {
    strike,
    call: { oi: figure('call_gamma_oi'), vol: figure('call_gamma_vol') },
    put: { oi: figure('put_gamma_oi'), vol: figure('put_gamma_vol') },
    spot: asNumber(payload.price),
    at: timeOf(payload),
  }
}

function timeOf(payload: { readonly [field: string]: unknown }): number | null {
  return asTime(payload.timestamp) ?? asTime(payload.time)
}

/** The levels that follow from the strikes; each is null where there is none. */
export interface Levels {
  /** The strike with the largest exposure of calls. */
  readonly callWall: number | null
  /** The strike with the largest exposure of puts. */
  readonly putWall: number | null
  /** Where the sum of calls and puts, taken from the lowest strike up, crosses zero; the crossing nearest to spot. */
  readonly zero: number | null
}

/** How the levels are made, for the page. */
export const LevelWords = {
  callWall: 'The strike with the largest exposure of calls.',
  putWall: 'The strike with the largest exposure of puts.',
  zero: 'Where the sum of calls and puts, taken from the lowest strike up, crosses zero. Of several crossings the nearest to spot.',
} as const

/** The levels of strikes in rising order. */
export function levelsOf(strikes: readonly Strike[], weight: Weight, spot: number | null): Levels {
  let callWall: Strike | null = null
  let putWall: Strike | null = null
  let zero: number | null = null
  let sum = 0
  let below: { readonly strike: number; readonly sum: number } | null = null
  for (const row of strikes) {
    const call = Math.abs(row.call[weight])
    const put = Math.abs(row.put[weight])
    if (call > Math.abs(callWall?.call[weight] ?? 0)) callWall = row
    if (put > Math.abs(putWall?.put[weight] ?? 0)) putWall = row
    sum += row.call[weight] + row.put[weight]
    if (sum === 0) continue
    if (below !== null && below.sum < 0 !== sum < 0) {
      const share = Math.abs(below.sum) / (Math.abs(below.sum) + Math.abs(sum))
      const crossing = below.strike + share * (row.strike - below.strike)
      if (zero === null || (spot !== null && Math.abs(crossing - spot) < Math.abs(zero - spot)))
        zero = crossing
    }
    below = { strike: row.strike, sum }
  }
  return { callWall: callWall?.strike ?? null, putWall: putWall?.strike ?? null, zero }
}

/** As many strikes around spot as there is room for, in rising order; around the middle where spot is unknown. */
export function aroundSpot(strikes: readonly Strike[], spot: number | null, room: number): readonly Strike[] {
  if (strikes.length <= room) return strikes
  const above = spot === null ? -1 : strikes.findIndex(({ strike }) => strike >= spot)
  const middle = spot === null ? strikes.length >> 1 : above < 0 ? strikes.length : above
  const start = Math.max(0, Math.min(strikes.length - room, middle - (room >> 1)))
  return strikes.slice(start, start + room)
}
