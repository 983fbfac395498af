import { expect, test } from 'vitest'
import { ReconnectBackoff } from './ReconnectBackoff'

/** Takes the given share of every range, in turn. */
function schedule(random: number, attempts: number): number[] {
  const backoff = new ReconnectBackoff(() => random)
  return Array.from({ length: attempts }, () => Math.round(backoff.next()))
}

test('The first retry comes within 400 ms', () => {
  expect(schedule(0, 1)).toEqual([0])
  expect(schedule(0.999_999, 1)).toEqual([400])
})

test('Later retries start at a second and grow by half each time, to 30 s and not beyond', () => {
  expect(schedule(0.5, 12)).toEqual([
    200, 1000, 1500, 2250, 3375, 5063, 7594, 11391, 17086, 25629, 30000, 30000,
  ])
})

test('Every wait is jittered by a quarter either way, and the cap still holds', () => {
  expect(schedule(0, 3)).toEqual([0, 750, 1125])
  expect(schedule(0.999_999, 3).slice(1)).toEqual([1250, 1875])
  expect(Math.max(...schedule(0.999_999, 40))).toBe(30_000)
})

test('It never gives up', () => {
  expect(schedule(0.5, 500).at(-1)).toBe(30_000)
})

test('A connection that held starts it over', () => {
  const backoff = new ReconnectBackoff(() => 0.5)
  backoff.next()
  backoff.next()
  backoff.reset()
  expect(backoff.attempts).toBe(0)
  expect(backoff.next()).toBe(200)
})
