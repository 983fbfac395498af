import { expect, test } from 'vitest'
import { parsePrint } from './Print'

const socket = {
  symbol: 'BABA',
  price: '117.2985',
  size: 10_900,
  executed_at: '2026-11-20T16:47:52Z',
  nbbo_bid: '117.29',
  nbbo_ask: '117.30',
}

test('A print of the socket has its value computed and its place in the quote', () => {
  expect(parsePrint(socket)).toEqual({
    ticker: 'BABA',
    price: 117.2985,
    size: 10_900,
    premium: 117.2985 * 10_900,
    bid: 117.29,
    ask: 117.3,
    fill: { at: expect.closeTo(0.85, 2), word: 'ask' },
    executedAt: Date.UTC(2026, 10, 20, 16, 47, 52),
    isCanceled: false,
  })
})

test('A print of REST has other names, a value of its own, and may be taken back', () => {
  expect(
    parsePrint({
      ticker: 'QID',
      price: '18.9904',
      size: 6400,
      premium: '121538.56',
      executed_at: '2023-02-16 00:59:44+00:00',
      canceled: true,
    }),
  ).toMatchObject({
    ticker: 'QID',
    premium: 121_538.56,
    executedAt: Date.UTC(2023, 1, 16, 0, 59, 44),
    fill: null,
    isCanceled: true,
  })
})

test('What is missing or no number is unknown', () => {
  expect(parsePrint({ symbol: 'SPY', price: 'n/a', size: null, executed_at: 1e300, canceled: 'no' })).toEqual(
    {
      ticker: 'SPY',
      price: null,
      size: null,
      premium: null,
      bid: null,
      ask: null,
      fill: null,
      executedAt: null,
      isCanceled: false,
    },
  )
})

test.each([null, 'SPY', [], 7, {}, { symbol: '' }, { ticker: 7 }])('%j is no print', data => {
  expect(parsePrint(data)).toBeNull()
})
