import { expect, test } from 'vitest'
import { ServerClock } from './ServerClock'

test('Now is the server’s now, taken from the middle of the request', () => {
  const clock = new ServerClock(() => 10_000)
  clock.sample(1_000, 1_020, 61_010)
  expect(clock.now()).toBe(70_000)
})

test('A slow answer does not replace what a quick one has shown', () => {
  const clock = new ServerClock(() => 10_000)
  clock.sample(1_000, 1_010, 1_005)
  clock.sample(2_000, 4_000, 3_900)
  expect(clock.now()).toBe(10_000)
})

test('A clock that was set meanwhile is followed in the end', () => {
  const clock = new ServerClock(() => 10_000)
  clock.sample(1_000, 1_010, 1_005)
  for (let index = 0; index < 100; index++) clock.sample(2_000, 2_040, 7_020)
  expect(clock.now()).toBe(15_000)
})
