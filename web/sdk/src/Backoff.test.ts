import { expect, test } from 'vitest'
import { Backoff, type BackoffSettings } from './Backoff'

const settings = (
  reconnectBackoffMultiplier: number,
  maxReconnectDelay: number,
  random: () => number,
): BackoffSettings => ({ reconnectDelay: 1000, reconnectBackoffMultiplier, maxReconnectDelay, random })

test('The first retry comes within 400 ms, the others under a bound that grows to the most', () => {
  const backoff = new Backoff(settings(1.5, 3000, () => 1))
  expect([0, 1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([400, 1000, 1500, 2250, 3000, 3000])
})

test('Each wait is drawn from the whole range', () => {
  const draws = [0, 0.5, 0.25]
  const backoff = new Backoff(settings(2, 30_000, () => draws.shift() ?? 0))
  expect([backoff.next(), backoff.next(), backoff.next()]).toEqual([0, 500, 500])
})

test('After a reset it begins anew', () => {
  const backoff = new Backoff(settings(1.5, 3000, () => 1))
  backoff.next()
  backoff.next()
  backoff.reset()
  expect([backoff.attempts, backoff.next()]).toEqual([0, 400])
})
