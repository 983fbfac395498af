import { expect, test } from 'vitest'
import { EventQueue } from './EventQueue'
import type { Advance, Gap, Publication } from './events'

function publication(offset: number, key: string, merged = 0, filtered = 0): Publication {
  const rest = { timestamp: '', source: '', replaces: null, recovered: false, history: false }
  return {
    type: 'publication',
    channel: 'gex:SPY',
    epoch: 'e1',
    offset,
    data: { key },
    merged,
    filtered,
    ...rest,
  }
}

const gap = (offset: number): Gap => ({
  type: 'gap',
  channel: 'gex:SPY',
  epoch: 'e1',
  offset,
  fromTime: null,
  toTime: null,
  count: null,
  reason: 'silent',
  backfilled: false,
  history: false,
  merged: 0,
  filtered: 0,
})
const advance = (offset: number, filtered: number): Advance => ({
  type: 'advance',
  epoch: 'e1',
  offset,
  merged: 0,
  filtered,
})
const keyOf = (data: unknown): string => (data as { key: string }).key

function conflated(...events: (Publication | Gap | Advance)[]): (Publication | Gap | Advance)[] {
  const queue = new EventQueue()
  for (const event of events) queue.push(event)
  queue.conflate(keyOf)
  const left: (Publication | Gap | Advance)[] = []
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) left.push(next as Publication)
  return left
}

test('Events leave in the order in which they came, however many', () => {
  const queue = new EventQueue()
  const out: number[] = []
  for (let offset = 1; offset <= 5000; offset++) {
    queue.push(publication(offset, 'a'))
    if (offset % 3 !== 0) out.push((queue.shift() as Publication).offset)
  }
  for (let next = queue.shift(); next !== undefined; next = queue.shift())
    out.push((next as Publication).offset)
  expect(out).toEqual(Array.from({ length: 5000 }, (_, i) => i + 1))
})

test('Conflation keeps the newest of each key, and the rule of offsets', () => {
  const left = conflated(
    publication(1, 'a'),
    publication(2, 'b'),
    publication(5, 'a', 2),
    advance(9, 4),
    publication(10, 'a'),
    gap(11),
    publication(12, 'b'),
  )
  expect(left.map(({ offset }) => offset)).toEqual([10, 11, 12])
  let previous = 0
  for (const { offset, merged, filtered } of left) {
    expect(offset).toBe(previous + 1 + merged + filtered)
    previous = offset
  }
  expect(left.map(({ filtered }) => filtered)).toEqual([4, 0, 0])
})

test('A gap is never merged away', () => {
  expect(
    conflated(gap(1), publication(2, 'a'), gap(3), publication(4, 'a')).map(event => event.type),
  ).toEqual(['gap', 'gap', 'publication'])
})
