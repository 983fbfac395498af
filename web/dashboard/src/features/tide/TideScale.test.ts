import { expect, test } from 'vitest'
import { StepLength } from './PremiumSeries'
import { barsOf, hatchOf, hoursOf, pathOf, tideScale } from './TideScale'

const from = Date.parse('2025-05-16T13:30:00Z')
const session = { kind: 'exchange', from, to: from + 6.5 * 3_600_000 } as const
const scale = tideScale(session, 1_440, 52)

test('A moment has its place, and a place its moment', () => {
  expect(scale.x(session.from)).toBe(12)
  expect(scale.x(session.to)).toBe(1_428)
  expect(scale.x(session.to + 1)).toBe(1_428)
  expect(scale.timeAt(720)).toBe((session.from + session.to) / 2)
  expect(scale.timeAt(-5)).toBe(session.from)
})

test('Calls stand above the line, puts below, open where more was sold than bought', () => {
  const bars = barsOf(scale, [
    { at: from, call: 4_000_000, put: -1_000_000 },
    { at: from + StepLength, call: -40_000, put: 0 },
  ])
  expect(bars.map(({ side, isOpen }) => [side, isOpen])).toEqual([
    ['call', false],
    ['put', true],
    ['call', true],
  ])
  const [call, put, sold] = bars
  expect((call?.y ?? 0) + (call?.height ?? 0)).toBe(scale.middle)
  expect(put?.y).toBe(scale.middle)
  // On a square-root scale a hundredth is a tenth as tall.
  expect((call?.height ?? 0) / (sold?.height ?? 1)).toBeCloseTo(10)
  expect(call?.height).toBeLessThanOrEqual(scale.middle)
  expect(pathOf(bars, 'put', false)).toBe('')
  expect(pathOf(bars, 'put', true)).toMatch(/^M[\d.]+ [\d.]+h[\d.]+v/)
})

test('A narrow line draws fewer bars of the same sum', () => {
  const steps = Array.from({ length: 195 }, (_, index) => ({
    at: from + index * StepLength,
    call: 1,
    put: 1,
  }))
  expect(barsOf(scale, steps)).toHaveLength(390)
  const narrow = barsOf(tideScale(session, 390, 44), steps)
  expect(narrow.length).toBeLessThan(160)
  expect(narrow.every(({ width }) => width >= 3)).toBe(true)
})

test('Nothing was paid: nothing is drawn', () => {
  expect(barsOf(scale, [])).toEqual([])
  expect(barsOf(scale, [{ at: from, call: 0, put: 0 }])).toEqual([])
})

test('The hours of the session, the last one among them', () => {
  expect(hoursOf(scale)).toHaveLength(7)
  const short = hoursOf(tideScale(session, 390, 44))
  expect(short).toHaveLength(4)
  expect(short.at(-1)).toBe(session.to)
})

test('However short a gap is, it is seen', () => {
  expect(hatchOf(scale, from, from + 1_000).match(/M/g)).toHaveLength(2)
  expect(hatchOf(scale, from, from + 600_000).match(/M/g)?.length).toBeGreaterThan(5)
})
