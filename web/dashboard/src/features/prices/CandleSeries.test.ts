import { beforeEach, expect, test } from 'vitest'
import { CandleSeries } from './CandleSeries'

const Start = 60_000 * 1_000
let series: CandleSeries
const tick = (seconds: number, price: number, volume: number | null = null): void =>
  series.add({ at: Start + seconds * 1_000, price, volume })
const minutes = () =>
  series.of(60_000).map(({ at, open, high, low, close }) => [(at - Start) / 60_000, open, high, low, close])

beforeEach(() => {
  series = new CandleSeries()
})

test('Ticks of a minute are its candle', () => {
  for (const [second, price] of [
    [0, 10],
    [15, 12],
    [30, 9],
    [59, 11],
    [60, 11.5],
  ] as const)
    tick(second, price)
  expect(minutes()).toEqual([
    [0, 10, 12, 9, 11],
    [1, 11.5, 11.5, 11.5, 11.5],
  ])
  expect(series.lastOf(60_000)).toMatchObject({ open: 11.5, close: 11.5 })
  expect(series.lastOf(300_000)).toEqual(series.of(300_000).at(-1))
  expect(series.firstAt).toBe(Start)
})

test('A late tick widens the candle of its time, and no newer price gives way to it', () => {
  tick(5, 10)
  tick(25, 11)
  const { rewritten } = series
  tick(8, 14)
  expect(minutes()).toEqual([[0, 10, 14, 10, 11]])
  expect(series.late).toBe(1)
  expect(series.rewritten).toBe(rewritten + 1)
})

test('A late tick in the last candle leaves its close; one before its first tick is its open', () => {
  tick(5, 10)
  tick(9, 11)
  const { rewritten } = series
  tick(7, 8)
  tick(3, 12)
  expect(minutes()).toEqual([[0, 12, 12, 8, 11]])
  expect(series.rewritten).toBe(rewritten)
})

test('A tick older than everything, or in a hole, is left out', () => {
  tick(100, 10)
  const { version } = series
  tick(-500, 1)
  tick(70, 1)
  expect(minutes()).toEqual([[1, 10, 10, 10, 10]])
  expect([series.version, series.late]).toEqual([version, 2])
})

test('A stretch without a tick has no candle', () => {
  tick(0, 10)
  tick(185, 11)
  expect(minutes().map(([minute]) => minute)).toEqual([0, 3])
})

test('Volume is what was traded in the stretch; a day that begins anew is not a fall', () => {
  tick(0, 10, 1_000)
  tick(20, 10, 1_500)
  tick(40, 10)
  tick(61, 10, 1_800)
  tick(70, 10, 20)
  tick(80, 10, 50)
  expect(series.of(60_000).map(({ volume }) => volume)).toEqual([500, 330])
})

test('What is no price is left out', () => {
  tick(0, 0)
  tick(0, -5)
  series.add({ at: Number.NaN, price: 1, volume: null })
  expect(series.of(10_000)).toEqual([])
  expect(series.lastOf(10_000)).toBeNull()
})

test('However long it goes on, so many candles are kept', () => {
  for (let index = 0; index < 5_000; index++) tick(index * 10, 10)
  expect(series.of(10_000)).toHaveLength(2_400)
})
