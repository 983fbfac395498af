import { expect, test } from 'vitest'
import { aroundSpot, levelsOf, parseStrike, parseTotals, type Strike } from './Exposure'

const strike = (at: number, call: number, put: number): Strike => ({
  strike: at,
  call: { oi: call, vol: call / 10 },
  put: { oi: put, vol: put / 10 },
  spot: null,
  at: null,
})

test('The totals are decimals in text of up to sixteen digits', () => {
  expect(
    parseTotals({
      ticker: 'SPY',
      timestamp: 1_795_193_275_000,
      price: '617.28',
      gamma_per_one_percent_move_oi: '50729861171.72193',
      gamma_per_one_percent_move_vol: '12746419659.53661',
      gamma_per_one_percent_move_dir: '-3102320841.759648',
    }),
  ).toEqual({
    byOpenInterest: 50_729_861_171.72193,
    byVolume: 12_746_419_659.53661,
    directional: -3_102_320_841.759648,
    spot: 617.28,
    at: 1_795_193_275_000,
  })
})

test('A total that is empty is unknown, REST’s time counts, and without any total there is none', () => {
  expect(
    parseTotals({
      gamma_per_one_percent_move_oi: '5',
      gamma_per_one_percent_move_vol: '',
      time: '2023-12-13 05:00:41.481000+00:00',
    }),
  ).toEqual({
    byOpenInterest: 5,
    byVolume: null,
    directional: null,
    spot: null,
    at: Date.UTC(2023, 11, 13, 5, 0, 41, 481),
  })
  for (const data of [null, 'x', [], {}, { price: '1' }, { gamma_per_one_percent_move_oi: 'NaN' }])
    expect(parseTotals(data)).toBeNull()
})

test('A strike has calls and puts by open interest and by volume', () => {
  expect(
    parseStrike({
      strike: '434',
      call_gamma_oi: '3749.47',
      put_gamma_oi: -5,
      call_gamma_vol: '',
      price: '617.28',
    }),
  ).toEqual({ strike: 434, call: { oi: 3749.47, vol: 0 }, put: { oi: -5, vol: 0 }, spot: 617.28, at: null })
})

test.each([null, 'x', {}, { strike: '' }, { strike: '-5' }, { strike: '1e999' }])('%j is no strike', data => {
  expect(parseStrike(data)).toBeNull()
})

test('The walls are the largest exposures, and the level is where the sum from below crosses zero', () => {
  const strikes = [strike(90, 1, -9), strike(100, 4, -6), strike(110, 20, -1), strike(120, 8, 0)]
  expect(levelsOf(strikes, 'oi', 100)).toEqual({ callWall: 110, putWall: 90, zero: 100 + (10 / 19) * 10 })
  expect(levelsOf(strikes, 'vol', 100)).toMatchObject({ callWall: 110, putWall: 90 })
})

test('Of several crossings the nearest to spot is the level', () => {
  const strikes = [strike(10, 0, -5), strike(20, 10, 0), strike(30, 0, -10), strike(40, 10, 0)]
  expect(levelsOf(strikes, 'oi', 38)?.zero).toBe(35)
  expect(levelsOf(strikes, 'oi', 12)?.zero).toBe(15)
})

test('Where nothing crosses there is no level, and without strikes no wall', () => {
  expect(levelsOf([strike(10, 5, -1), strike(20, 5, -1)], 'oi', 15).zero).toBeNull()
  expect(levelsOf([strike(10, 0, 0)], 'oi', 15)).toEqual({ callWall: null, putWall: null, zero: null })
  expect(levelsOf([], 'oi', null)).toEqual({ callWall: null, putWall: null, zero: null })
})

test('As many strikes around spot are shown as there is room for', () => {
  const strikes = Array.from({ length: 100 }, (_, index) => strike(index + 1, 1, -1))
  const shown = (spot: number | null, room: number): (number | undefined)[] => {
    const rows = aroundSpot(strikes, spot, room)
    return [rows.length, rows[0]?.strike, rows.at(-1)?.strike]
  }
  expect(shown(50.5, 10)).toEqual([10, 46, 55])
  expect(shown(1, 10)).toEqual([10, 1, 10])
  expect(shown(5_000, 10)).toEqual([10, 91, 100])
  expect(shown(null, 10)).toEqual([10, 46, 55])
  expect(shown(50, 500)).toEqual([100, 1, 100])
  expect(shown(50, 0)).toEqual([0, undefined, undefined])
})
