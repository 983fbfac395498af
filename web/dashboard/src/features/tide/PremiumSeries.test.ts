import { expect, test } from 'vitest'
import { inGroups, PremiumSeries, runningTotals, StepLength } from './PremiumSeries'

const Start = StepLength * 1_000

test('Increments of two minutes are one step, whatever order they come in', () => {
  const series = new PremiumSeries()
  series.add({ at: Start + 119_999, call: 5, put: -1 })
  series.add({ at: Start + 120_000, call: 7, put: 0 })
  series.add({ at: Start, call: 10, put: 2 })
  expect(series.between(Start, Start + 2 * StepLength)).toEqual([
    { at: Start, call: 15, put: 1 },
    { at: Start + StepLength, call: 7, put: 0 },
  ])
  expect(series.firstAt).toBe(Start)
})

test('Only the steps that were asked for are given', () => {
  const series = new PremiumSeries()
  for (let step = 0; step < 5; step++) series.add({ at: Start + step * StepLength, call: step, put: 0 })
  expect(series.between(Start + StepLength, Start + 3 * StepLength).map(({ call }) => call)).toEqual([1, 2])
  series.clear()
  expect(series.between(0, Number.MAX_SAFE_INTEGER)).toEqual([])
  expect(series.firstAt).toBeNull()
})

test('However long it goes on, three days of steps are held', () => {
  const series = new PremiumSeries()
  for (let step = 0; step < 2_500; step++) series.add({ at: step * StepLength, call: 1, put: 1 })
  const steps = series.between(0, Number.MAX_SAFE_INTEGER)
  expect(steps).toHaveLength(2_160)
  expect(steps.at(-1)?.at).toBe(2_499 * StepLength)
})

test('Running totals add up what the increments say', () => {
  const steps = [
    { at: 0, call: 10, put: -3 },
    { at: StepLength, call: -4, put: -3 },
  ]
  expect(runningTotals(steps)).toEqual([
    { at: 0, call: 10, put: -3 },
    { at: StepLength, call: 6, put: -6 },
  ])
})

test('Steps taken together keep their sum and begin where the session does', () => {
  const steps = [0, 1, 2, 3].map(step => ({ at: Start + step * StepLength, call: 1, put: -2 }))
  expect(inGroups(steps, Start - StepLength, 2)).toEqual([
    { at: Start - StepLength, call: 1, put: -2 },
    { at: Start + StepLength, call: 2, put: -4 },
    { at: Start + 3 * StepLength, call: 1, put: -2 },
  ])
  expect(inGroups(steps, Start, 1)).toEqual(steps)
})
