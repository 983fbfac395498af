import { expect, test } from 'vitest'
import { parseMovers } from './Movers'

test('A publication holds three lists, in the provider’s order', () => {
  const movers = parseMovers({
    most_active: [
      { ticker: 'NVDA', price: '142.30', change: '-1.20', volume: 210_000_000 },
      { ticker: 'TSLA' },
    ],
    gainers: [{ ticker: 'SMCI', price: 42.8, change: 2.14, change_percent: 99 }],
    losers: [],
  })
  expect(movers?.mostActive.map(({ ticker }) => ticker)).toEqual(['NVDA', 'TSLA'])
  expect(movers?.mostActive[0]).toMatchObject({ price: 142.3, change: -1.2, volume: 210_000_000 })
  expect(movers?.gainers[0]?.changePercent).toBeCloseTo(5.263, 3)
  expect(movers?.losers).toEqual([])
})

test.each([
  [
    { symbol: 'A', close: '10', prev_close: '8' },
    { price: 10, change: 2, changePercent: 25 },
  ],
  [
    { ticker: 'A', last: 10, perc_change: '-0.05' },
    { price: 10, change: null, changePercent: -5 },
  ],
  [
    { ticker: 'A', change_percent: '-5.5' },
    { price: null, changePercent: -5.5 },
  ],
  [
    { ticker: 'A', price: 'n/a', change: {}, vol: '1e3' },
    { price: null, change: null, volume: 1_000 },
  ],
  [{ ticker: 'A', price: 5, change: 5 }, { changePercent: null }],
])('A row %j reads %j', (row, mover) => {
  expect(parseMovers({ gainers: [row] })?.gainers[0]).toMatchObject(mover)
})

test('It may be wrapped, lack lists and hold noise', () => {
  expect(
    parseMovers({ data: { losers: [null, 7, {}, { ticker: 'X' }, { ticker: 'X' }], gainers: 'none' } }),
  ).toEqual({
    mostActive: [],
    gainers: [],
    losers: [{ ticker: 'X', price: null, change: null, changePercent: null, volume: null }],
  })
})

test('However long a list is, its beginning is kept', () => {
  const rows = Array.from({ length: 9_000 }, (_, index) => ({ ticker: `T${index}` }))
  expect(parseMovers({ most_active: rows })?.mostActive).toHaveLength(20)
})

test.each([null, [], 'x', {}, { data: [] }, { gainers: {} }])('%j is no publication', data => {
  expect(parseMovers(data)).toBeNull()
})
