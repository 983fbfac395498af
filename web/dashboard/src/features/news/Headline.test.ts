import { expect, test } from 'vitest'
import { parseHeadline } from './Headline'

test('A headline of the socket', () => {
  expect(
    parseHeadline({
      headline: ' Shares rise ',
      timestamp: '2026-11-20T16:12:05Z',
      source: 'wire',
      tickers: ['WMT', 7, '', null, 'TGT'],
      is_trump_ts: false,
    }),
  ).toEqual({
    text: 'Shares rise',
    source: 'wire',
    tickers: ['WMT', 'TGT'],
    sentiment: null,
    isMajor: false,
    publishedAt: Date.UTC(2026, 10, 20, 16, 12, 5),
  })
})

test('A headline of REST has another name for its time, a sentiment and a rank', () => {
  expect(
    parseHeadline({
      headline: 'Rates',
      created_at: '2023-04-15 16:30:00+00:00',
      sentiment: 'Positive',
      is_major: true,
    }),
  ).toMatchObject({
    publishedAt: Date.UTC(2023, 3, 15, 16, 30),
    sentiment: 'positive',
    isMajor: true,
    tickers: [],
  })
})

test('Markup is text like any other, and kept as it came', () => {
  const headline = '<img src=x onerror=alert(1)> &amp; <b>bold</b>'
  expect(parseHeadline({ headline })?.text).toBe(headline)
})

test('Whatever its length, it is bounded', () => {
  const headline = parseHeadline({ headline: 'x'.repeat(100_000), tickers: Array(5_000).fill('SPY') })
  expect(headline?.text).toHaveLength(600)
  expect(headline?.tickers).toHaveLength(12)
})

test.each([null, 'text', [], {}, { headline: ' ' }, { headline: ['x'] }])('%j is no headline', data => {
  expect(parseHeadline(data)).toBeNull()
})

test('A sentiment we do not know is none', () => {
  expect(parseHeadline({ headline: 'x', sentiment: 'euphoric' })?.sentiment).toBeNull()
  expect(parseHeadline({ headline: 'x', sentiment: { a: 1 } })?.sentiment).toBeNull()
})
