import { expect, test } from 'vitest'
import { haltedNow, parseHalt, reasonWords } from './Halt'

test('A notice says which ticker stands still, why and since when', () => {
  expect(
    parseHalt({ ticker: 'GME', state: 'halted', reason: 'LUDP', timestamp: '2025-05-16T18:20:00Z' }),
  ).toEqual({
    ticker: 'GME',
    state: 'halted',
    isHalted: true,
    reason: 'LUDP',
    at: Date.UTC(2025, 4, 16, 18, 20),
  })
})

test('Whatever ends a halt is none, and what is missing is null', () => {
  expect(parseHalt({ symbol: 'GME', state: 'trading' })).toEqual({
    ticker: 'GME',
    state: 'trading',
    isHalted: false,
    reason: null,
    at: null,
  })
})

test.each([null, 'x', [], {}, { ticker: 'GME' }, { state: 'halted' }])('%j is no notice', data => {
  expect(parseHalt(data)).toBeNull()
})

test('A code we know has words, in either case; another one has none', () => {
  expect(reasonWords('ludp')).toBe('volatility pause')
  expect(reasonWords('X9')).toBeNull()
})

test('Those stand still whose newest notice is a halt', () => {
  const notice = (ticker: string, isHalted: boolean) => ({
    ticker,
    isHalted,
    state: '',
    reason: null,
    at: null,
  })
  expect([
    ...haltedNow([
      notice('A', false),
      notice('B', true),
      notice('A', true),
      notice('C', true),
      notice('B', false),
    ]),
  ]).toEqual(['B', 'C'])
})
