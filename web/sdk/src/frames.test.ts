import { expect, test } from 'vitest'
import { entryOf, type Frame, readFrames } from './frames'

function read(text: string): { frames: Frame[]; bad: number } {
  const frames: Frame[] = []
  const bad = readFrames(text, frame => frames.push(frame))
  return { frames, bad }
}

test('A text frame holds one message, or several that newlines part', () => {
  expect(read('{"a":1}')).toEqual({ frames: [{ a: 1 }], bad: 0 })
  expect(read('{"a":1}\n{"a":2}\n')).toEqual({ frames: [{ a: 1 }, { a: 2 }], bad: 0 })
})

test('What is no object costs only itself', () => {
  expect(read('{"a":1}\nnonsense\n[1]\n\n{"a":2}')).toEqual({ frames: [{ a: 1 }, { a: 2 }], bad: 2 })
})

test('A message, an envelope and a message with a type of its own become the same publication', () => {
  const common = { channel: 'ticker:AAPL', offset: 7, timestamp: 't', source: 'derived' }
  const data = { ticker: 'AAPL', price: 1.5 }
  const expected = {
    ...common,
    type: 'publication',
    epoch: 'e1',
    data,
    merged: 0,
    filtered: 2,
    replaces: 3,
    recovered: false,
    history: false,
  }
  const rest = { ...common, filtered: 2, replaces: 3 }
  for (const frame of [
    { ...rest, type: 'message', data },
    { ...rest, epoch: 'e1', data },
    { ...rest, type: 'price_update', ...data },
  ])
    expect(entryOf(frame, 'ticker:AAPL', 'e1', 'live')).toEqual(expected)
})

test('A gap keeps its times, its count and its reason', () => {
  const frame = {
    type: 'gap',
    channel: 'news',
    offset: 4,
    from_time: 'a',
    to_time: 'b',
    count: null,
    reason: 'silent',
    backfilled: true,
  }
  expect(entryOf(frame, 'news', 'e1', 'live')).toMatchObject({
    type: 'gap',
    epoch: 'e1',
    offset: 4,
    fromTime: 'a',
    toTime: 'b',
    count: null,
    reason: 'silent',
    backfilled: true,
  })
})

test.each([undefined, '5', 1.5, null])('A message with the offset %j is none', offset => {
  expect(entryOf({ type: 'message', offset, data: {} }, 'news', 'e1', 'live')).toBeNull()
})
