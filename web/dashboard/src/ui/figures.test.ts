import { expect, test } from 'vitest'
import {
  age,
  count,
  duration,
  grouped,
  money,
  multiple,
  percentChange,
  sharePrice,
  signedMoney,
  signedPercent,
  signedPrice,
  spokenMoney,
} from './figures'
import { dayText, marketClock, marketDay, marketMinute, marketTimestamp } from './marketTime'

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
  [7_462_951_628_099.553, '$7.46T'],
  [-1e300, '−$1.0e300'],
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

test.each([
  [0, '0.00'],
  [0.0412, '0.0412'],
  [0.99996, '1.00'],
  [593.14, '593.14'],
  [1_000.44, '1,000.44'],
  [21_427.94, '21,427.94'],
  [-19.1, '−19.10'],
  [1e300, '1.0e300'],
])('A share at %d costs %s', (value, text) => {
  expect(sharePrice(value)).toBe(text)
})

test('A change has its sign, and the decimals of its price', () => {
  expect([signedPrice(0.86, 142.3), signedPrice(-0.2297, 19.16), signedPrice(0.0011, 0.0412)]).toEqual([
    '+0.86',
    '−0.23',
    '+0.0011',
  ])
  expect([signedPrice(0, 5), signedMoney(6.93e9), signedMoney(-3.97e9), signedMoney(0)]).toEqual([
    '0.00',
    '+$6.93B',
    '−$3.97B',
    '$0.00',
  ])
})

test.each([
  [1.27, '+1.27%'],
  [-0.41, '−0.41%'],
  [-0.001, '0.00%'],
  [999.96, '+1,000%'],
  [-1e12, '−1.0T%'],
])('A change of %d in percent is %s', (value, text) => {
  expect(percentChange(value)).toBe(text)
})

test('Large counts keep their unit', () => {
  expect([41_250_000, 1_131_000_000, 5e12, 1e300].map(count)).toEqual(['41.3M', '1.1B', '5.0T', '1.0e300'])
})

test('A day of another year says its year; a minute is New York’s', () => {
  expect([dayText('2026-11-06', '2026-11-20'), dayText('2025-12-06', '2026-11-20')]).toEqual([
    'Nov 6',
    'Dec 6 ’25',
  ])
  expect(marketMinute(Date.UTC(2026, 10, 20, 16, 12, 5))).toBe('11:12')
})
