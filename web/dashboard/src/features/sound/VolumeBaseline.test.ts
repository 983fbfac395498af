import { expect, test } from 'vitest'
import { VolumeBaseline } from './VolumeBaseline'

test('A size is unusual from more than ten times the average of at least three before it', () => {
  const baseline = new VolumeBaseline()
  expect(baseline.take('A', 1_000_000)).toBe(false)
  for (const size of [10, 20]) expect(baseline.take('B', size)).toBe(false)
  expect(baseline.take('B', 10_000)).toBe(false)

  for (const size of [10, 10, 10]) baseline.take('C', size)
  expect(baseline.take('C', 100)).toBe(false)
  for (const size of [10, 10, 10]) baseline.take('D', size)
  expect(baseline.take('D', 101)).toBe(true)
})

test('What was unusual becomes usual when it goes on', () => {
  const baseline = new VolumeBaseline()
  for (const size of [10, 10, 10]) baseline.take('A', size)
  expect(baseline.take('A', 1_000)).toBe(true)
  expect(baseline.take('A', 1_000)).toBe(false)
})

test('However many contracts there are, so many are remembered: those that spoke last', () => {
  const baseline = new VolumeBaseline()
  for (const size of [10, 10, 10]) baseline.take('kept', size)
  for (let contract = 0; contract < 4_999; contract++) baseline.take(`c${contract}`, 1)
  expect(baseline.take('kept', 500)).toBe(true)
  for (let contract = 5_000; contract < 20_000; contract++) baseline.take(`c${contract}`, 1)
  expect(baseline.contracts).toBe(5_000)
  expect(baseline.take('kept', 1_000_000)).toBe(false)
})
