import { expect, test } from 'vitest'
import { dayText } from '../../ui/marketTime'
import { daysToExpiry, parseOptionSymbol, strikeText } from './OptionSymbol'

test.each([
  ['NVDA250919C00150000', { root: 'NVDA', expiry: '2025-09-19', type: 'C', strike: 150 }],
  ['APLD250523C00007500', { root: 'APLD', expiry: '2025-05-23', type: 'C', strike: 7.5 }],
  ['NDXP250519P21450000', { root: 'NDXP', expiry: '2025-05-19', type: 'P', strike: 21_450 }],
  ['GOOGL1260116C00172500', { root: 'GOOGL1', expiry: '2026-01-16', type: 'C', strike: 172.5 }],
  ['BRKB  250620P00510000', { root: 'BRKB', expiry: '2025-06-20', type: 'P', strike: 510 }],
  ['F250620P00000500', { root: 'F', expiry: '2025-06-20', type: 'P', strike: 0.5 }],
])('%s', (symbol, option) => {
  expect(parseOptionSymbol(symbol)).toEqual(option)
})

test.each([
  '',
  'NVDA',
  'NVDA250919X00150000',
  'NVDA250931C00150000',
  'NVDA251319C00150000',
  'NVDA250919C150000',
  '250919C00150000',
])('No option: %s', symbol => {
  expect(parseOptionSymbol(symbol)).toBeNull()
})

test('An expiry of another year says its year', () => {
  expect(dayText('2025-09-19', '2025-05-16')).toBe('Sep 19')
  expect(dayText('2026-01-06', '2025-05-16')).toBe('Jan 6 ’26')
})

test('Days to expiry are calendar days, over a change of clocks too', () => {
  expect(daysToExpiry('2025-05-16', '2025-05-16')).toBe(0)
  expect(daysToExpiry('2025-11-21', '2025-10-31')).toBe(21)
})

test('A strike shows the decimals it has', () => {
  expect([150, 7.5, 172.5, 21_450, 1_172.5, 0.005].map(strikeText)).toEqual([
    '150',
    '7.5',
    '172.5',
    '21,450',
    '1172.5',
    '0.005',
  ])
})
