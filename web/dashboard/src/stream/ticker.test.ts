import { expect, test } from 'vitest'
import { parseTicker, tickerFault } from './ticker'

test.each([
  ['spy', 'SPY'],
  ['  brk.b ', 'BRK.B'],
  ['^VIX', '^VIX'],
  ['ES/U6', 'ES/U6'],
  ['A'.repeat(24), 'A'.repeat(24)],
])('%j is %s', (text, ticker) => {
  expect(parseTicker(text)).toBe(ticker)
})

test.each(['', ' ', 'A B', 'gex:SPY', 'ÄPL', '<b>', 'A'.repeat(25), 'SPY\n.', null, 7])(
  '%j is no ticker',
  text => {
    expect(parseTicker(text)).toBeNull()
  },
)

test('A fault says what is wrong and what is allowed', () => {
  expect(tickerFault('')).toContain('such as SPY')
  expect(tickerFault('a b')).toBe('“a b” is no ticker. Letters, digits and . - / _ ^ are, up to 24.')
  expect(tickerFault('x'.repeat(500)).length).toBeLessThan(100)
})
