import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { asDay, asNumber, asTime } from './json'

// A time without a zone is UTC wherever the reader is.
beforeAll(() => void vi.stubEnv('TZ', 'Asia/Tokyo'))
afterAll(() => void vi.unstubAllEnvs())

const noon = Date.UTC(2023, 1, 16, 12, 0, 44)

test.each([
  ['2023-02-16T12:00:44Z', noon],
  ['2023-02-16 12:00:44+00:00', noon],
  ['2023-02-16 12:00:44', noon],
  ['2023-02-16T12:00:44.481000+00:00', noon + 481],
  ['2023-02-16 13:00:44+01', noon],
  ['2023-02-16T07:00:44-0500', noon],
  ['2023-02-16T12:00', noon - 44_000],
  ['2023-02-16', Date.UTC(2023, 1, 16)],
  [noon, noon],
  [String(noon), noon],
])('%j is a time', (value, time) => {
  expect(asTime(value)).toBe(time)
})

test.each([
  null,
  '',
  'yesterday',
  '2023-02-16 and more',
  '2023-13-40T12:00:00Z',
  1e300,
  '1e300',
  Number.NaN,
  {},
])('%j is no time', value => {
  expect(asTime(value)).toBeNull()
})

test.each([
  ['2026-11-20', '2026-11-20'],
  ['2026-11-20T14:30:00Z', '2026-11-20'],
  ['2026-06-31', null],
  ['20-11-2026', null],
  ['', null],
  [20261120, null],
])('The day of %j is %j', (value, day) => {
  expect(asDay(value)).toBe(day)
})

test.each([
  ['50729861171.72193', 50_729_861_171.72193],
  ['-7462951628099.553', -7_462_951_628_099.553],
  [' 7 ', 7],
  ['', null],
  [' ', null],
  ['1e999', null],
  ['12 shares', null],
  [true, null],
  [[7], null],
])('The number of %j is %j', (value, number) => {
  expect(asNumber(value)).toBe(number)
})
