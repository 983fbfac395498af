import { expect, test } from 'vitest'
import { parseServerFrame } from './frames'

const parse = (frame: unknown): unknown => parseServerFrame(JSON.stringify(frame))

test('A message keeps its payload as it is and counts what was skipped before it', () => {
  const data = { ticker: 'SPY', unheard_of: [1, 2] }
  expect(
    parse({
      type: 'message',
      channel: 'flow-alerts',
      offset: 9,
      timestamp: '2026-11-20T14:21:02.123Z',
      data,
      source: 'rest',
      merged: 2,
      filtered: 3,
      more: true,
    }),
  ).toEqual({
    type: 'message',
    channel: 'flow-alerts',
    offset: 9,
    receivedAt: Date.UTC(2026, 10, 20, 14, 21, 2, 123),
    data,
    source: 'rest',
    skipped: 5,
  })
})

test('A history answer’s entries may leave out the channel; what is no entry is left out', () => {
  expect(
    parse({
      type: 'history',
      channel: 'gex',
      messages: [{ type: 'message', offset: 1, data: {} }, null, { type: 'message' }],
    }),
  ).toMatchObject({ type: 'history', entries: [{ channel: 'gex', offset: 1 }] })
})

test('A price update is a message whose fields are its data, live and in a history', () => {
  const update = {
    type: 'price_update',
    ticker: 'AAPL',
    price: 191.25,
    change: null,
    timestamp: '2026-11-20T14:30:05.123Z',
    channel: 'ticker:AAPL',
    offset: 45,
    source: 'derived',
  }
  const message = {
    type: 'message',
    channel: 'ticker:AAPL',
    offset: 45,
    receivedAt: Date.UTC(2026, 10, 20, 14, 30, 5, 123),
    data: update,
    source: 'derived',
    skipped: 0,
  }
  expect(parse(update)).toEqual(message)
  expect(parse({ type: 'history', channel: 'ticker:AAPL', messages: [update] })).toEqual({
    type: 'history',
    channel: 'ticker:AAPL',
    entries: [message],
  })
})

test('A gap says from when to when, how many and why', () => {
  expect(
    parse({
      type: 'gap',
      channel: 'flow-alerts',
      offset: 5,
      from_time: '2026-11-20T14:20:46Z',
      to_time: '2026-11-20T14:20:51Z',
      count: null,
      reason: 'upstream_down',
      backfilled: false,
    }),
  ).toMatchObject({
    count: null,
    reason: 'upstream_down',
    backfilled: false,
    to: Date.UTC(2026, 10, 20, 14, 20, 51),
  })
})

test.each([
  '',
  '{',
  '[]',
  'null',
  '"text"',
  '{"type":"novelty"}',
  '{"type":"message","channel":"x"}',
  '{"type":"position","channel":"x","offset":1}',
])('What cannot be read is not acted on: %s', text => {
  expect(parseServerFrame(text)).toBeNull()
})
