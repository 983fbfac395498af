import { expect, test } from 'vitest'
import { age, count, duration, grouped, money, multiple, signedPercent, spokenMoney } from './figures'
import { marketClock, marketDay, marketTimestamp } from './marketTime'

test.each([
  [0, '$0.00'],
  [0.01, '$0.01'],
  [9.99, '$9.99'],
  [9.996, '$10'],
  [161, '$161'],
  [999.4, '$999'],
  [999.6, '$1.0K'],
  [2_400, '$2.4K'],
  [9_949, '$9.9K'],
  [9_950, '$10K'],
  [265_000, '$265K'],
  [999_499, '$999K'],
  [999_500, '$1.0M'],
  [12_299_565, '$12.3M'],
  [999_499_999, '$999.5M'],
  [999_500_000, '$1.00B'],
  [6_930_000_000, '$6.93B'],
  [12_500_000_000, '$12.5B'],
  [-3_970_000_000, '−$3.97B'],
])('%d dollars are %s', (value, text) => {
  expect(money(value)).toBe(text)
})

test.each([
  [-500, 'NEW'],
  [0, 'NEW'],
  [1_999, 'NEW'],
  [2_000, '2s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [3_599_000, '59m'],
  [3_600_000, '1h'],
  [86_400_000, '1d'],
])('%d ms old is %s', (value, text) => {
  expect(age(value)).toBe(text)
})

test.each([
  [-5, '0\u2009s'],
  [12_900, '12\u2009s'],
  [134_000, '2\u2009m 14\u2009s'],
  [5_880_000, '1\u2009h 38\u2009m'],
  [223_200_000, '2\u2009d 14\u2009h'],
])('%d ms last %s', (value, text) => {
  expect(duration(value)).toBe(text)
})

test('Counts are exact to 99,999', () => {
  expect([0, 12_717, 99_999, 100_000, 162_872, 1_250_000].map(count)).toEqual([
    '0',
    '12,717',
    '99,999',
    '100K',
    '163K',
    '1.3M',
  ])
  expect(grouped(-1_234)).toBe('−1,234')
})

test('Percentages carry their sign, and nothing has none', () => {
  expect([0.109, -0.002, 4.07, -0.9996, 0, -0.0001].map(signedPercent)).toEqual([
    '+10.9%',
    '−0.2%',
    '+407%',
    '−100%',
    '0.0%',
    '0.0%',
  ])
})

test('Multiples keep what says something', () => {
  expect([0, 0.001, 0.05, 0.93, 2.4, 9.96, 32.3].map(multiple)).toEqual([
    '0.00×',
    '<.01×',
    '0.05×',
    '0.9×',
    '2.4×',
    '10×',
    '32×',
  ])
})

test('Money is spoken in words', () => {
  expect([12_300_000, 265_000, 40, 2_500_000_000].map(spokenMoney)).toEqual([
    '12.3 million',
    '265 thousand',
    '40 dollars',
    '2.5 billion',
  ])
})

test('Times are New York’s, in winter and in summer', () => {
  expect(marketClock(Date.UTC(2026, 10, 20, 19, 21, 2))).toBe('14:21:02')
  expect(marketClock(Date.UTC(2025, 4, 16, 18, 21, 2))).toBe('14:21:02')
  expect(marketDay(Date.UTC(2025, 4, 17, 2))).toBe('2025-05-16')
  expect(marketTimestamp(Date.UTC(2025, 4, 16, 18, 20, 56, 114))).toBe('Fri 16 May 14:20:56.114 ET')
})
