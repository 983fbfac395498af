import { expect, test } from 'vitest'
import { parseQuote, placeInRange, type Quote } from './Quote'

const update = {
  type: 'price_update',
  ticker: 'AAPL',
  price: 191.25,
  change: 1.5,
  change_percent: 0.79,
  volume: 41_250_000,
  high: 192.1,
  low: 189.4,
  open: 189.9,
  timestamp: '2026-11-20T14:30:05.123Z',
}

test('A price update is a quote', () => {
  expect(parseQuote(update)).toEqual({
    price: 191.25,
    change: 1.5,
    changePercent: 0.79,
    volume: 41_250_000,
    high: 192.1,
    low: 189.4,
    open: 189.9,
    at: Date.UTC(2026, 10, 20, 14, 30, 5, 123),
  })
})

test('What is unknown is null, and a number may be text', () => {
  expect(parseQuote({ price: '191.25', change: null, volume: '', high: 'high', timestamp: 'now' })).toEqual({
    price: 191.25,
    change: null,
    changePercent: null,
    volume: null,
    high: null,
    low: null,
    open: null,
    at: null,
  })
})

test('A percentage that is missing follows from the change', () => {
  expect(parseQuote({ price: 110, change: 10 })?.changePercent).toBeCloseTo(10)
  expect(parseQuote({ price: 10, change: 10 })?.changePercent).toBeNull()
})

test.each([null, 7, 'AAPL', [], {}, { price: null }, { price: 'n/a' }, { price: '1e999' }])(
  'Without a price there is no quote: %j',
  data => {
    expect(parseQuote(data)).toBeNull()
  },
)

test.each([
  [{ price: 15 }, 0.5],
  [{ price: 99 }, 1],
  [{ price: 1 }, 0],
  [{ low: 15, high: 15 }, 0.5],
  [{ low: 20, high: 10 }, null],
  [{ high: null }, null],
])('In a range of 10 to 20, %j stands at %j', (changes, place) => {
  expect(placeInRange({ price: 15, low: 10, high: 20, ...changes } as Quote)).toBe(place)
})
