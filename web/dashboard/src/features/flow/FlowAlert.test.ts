import { expect, test } from 'vitest'
import {
  barShare,
  distanceToStrike,
  fillOf,
  loudness,
  parseFlowAlert,
  shortRule,
  volumeToOpenInterest,
} from './FlowAlert'

const payload = {
  id: 'a-1',
  ticker: 'NVDA',
  option_chain: 'NVDA250919C00150000',
  underlying_price: 135.23,
  total_size: 11_031,
  total_premium: 12_299_565,
  price: 11.15,
  bid: '11.05',
  ask: '11.15',
  volume: 11_848,
  open_interest: 12_717,
  volume_oi_ratio: 0,
  has_sweep: true,
  has_floor: false,
  has_multileg: false,
  all_opening_trades: true,
  rule_name: 'RepeatedHits',
  exchanges: ['XCBO', 'MPRL'],
  executed_at: 1_747_419_656_114,
}

function alertOf(changes: object): NonNullable<ReturnType<typeof parseFlowAlert>> {
  const alert = parseFlowAlert({ ...payload, ...changes })
  if (alert === null) throw new Error('the payload was not read')
  return alert
}

test('Numbers are read whether they come as numbers or as text', () => {
  const asText = alertOf({
    price: '11.15',
    total_size: '11031',
    total_premium: '12299565.0',
    volume: '11848',
    executed_at: '2025-05-16T18:20:56.114Z',
  })
  expect(asText).toEqual(alertOf({}))
})

test('Unknown fields are no trouble, and missing ones are null', () => {
  expect(alertOf({ brand_new: { deep: [1] } }).ticker).toBe('NVDA')
  const bare = parseFlowAlert({ option_chain: 'SPY250620P00500000' })
  expect(bare).toMatchObject({
    ticker: 'SPY',
    price: null,
    premium: null,
    bid: null,
    rule: null,
    exchanges: null,
    isSweep: false,
  })
})

test('A premium that is missing is what price and size make it', () => {
  expect(alertOf({ total_premium: undefined, price: 2, total_size: 3 }).premium).toBe(600)
})

test.each([null, 'text', [], 7, {}, { price: 1 }])('What names no ticker is no alert: %j', data => {
  expect(parseFlowAlert(data)).toBeNull()
})

test.each([
  [{ price: 11.15 }, 'ask'],
  [{ price: 11.13 }, 'ask'],
  [{ price: 11.1 }, 'mid'],
  [{ price: 11.05 }, 'bid'],
  [{ price: 11.2 }, 'above'],
  [{ price: 11 }, 'below'],
  [{ price: 0.54, bid: '0.54', ask: '0.54' }, 'mid'],
])('A fill at %j is at %s', (changes, word) => {
  expect(fillOf(alertOf(changes))?.word).toBe(word)
})

test('Without a quote there is no side, and far outside the mark stays in the gauge', () => {
  expect(fillOf(alertOf({ bid: '' }))).toBeNull()
  expect(fillOf(alertOf({ price: 400 }))?.at).toBe(1.18)
})

test('A row is as loud as its premium reads', () => {
  expect([null, 0.01, 249_499, 249_500, 999_499, 999_500].map(loudness)).toEqual([
    'plain',
    'plain',
    'plain',
    'strong',
    'strong',
    'loud',
  ])
})

test('The bar is full at $12.4M and grows with the root', () => {
  expect([null, 0, 3_100_000, 12_400_000, 5e8].map(barShare)).toEqual([0, 0, 0.5, 1, 1])
})

test('Ratios have no value where they have no meaning', () => {
  expect(volumeToOpenInterest(alertOf({}))).toBeCloseTo(0.93, 2)
  expect(volumeToOpenInterest(alertOf({ open_interest: 0 }))).toBeNull()
  expect(distanceToStrike(alertOf({}))).toBeCloseTo(0.109, 3)
  expect(distanceToStrike(alertOf({ underlying_price: '' }))).toBeNull()
})

test('A rule we do not know keeps its name', () => {
  expect(shortRule('RepeatedHitsAscendingFill')).toBe('Hits, rising')
  expect(shortRule('SomethingNew')).toBe('SomethingNew')
})
