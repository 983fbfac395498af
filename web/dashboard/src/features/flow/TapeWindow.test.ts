import { expect, test } from 'vitest'
import { parseFlowAlert } from './FlowAlert'
import type { TapeRow } from './FlowTape'
import { TapeWindow } from './TapeWindow'

const heights = { row: 24, loud: 30, gap: 18 }

function row(index: number, premium: number): TapeRow {
  const alert = parseFlowAlert({ ticker: 'SPY', total_premium: premium })
  if (alert === null) throw new Error('the payload was not read')
  return {
    kind: 'alert',
    key: `e:${index}`,
    epoch: 'e',
    offset: index,
    receivedAt: 0,
    alert,
    fadesFrom: null,
  }
}
const gap: TapeRow = {
  kind: 'gap',
  key: 'g',
  epoch: 'e',
  offset: 0,
  from: null,
  to: null,
  count: null,
  reason: '',
  backfilled: false,
}

test('The height is that of all rows, each of its kind', () => {
  expect(new TapeWindow([row(1, 1), row(2, 2e6), gap], heights).height).toBe(24 + 30 + 18)
  expect(new TapeWindow([], heights).height).toBe(0)
})

test('Only rows in view and a few around them are drawn, of 5,000', () => {
  const rows = Array.from({ length: 5_000 }, (_, index) => row(index, 1))
  const tape = new TapeWindow(rows, heights)
  expect(tape.range(0, 720)).toEqual({ start: 0, end: 39, top: 0 })
  expect(tape.range(24_000, 720)).toEqual({ start: 992, end: 1_039, top: 992 * 24 })
  expect(tape.range(5_000 * 24 - 720, 720).end).toBe(5_000)
})

test('No rows, no range; a scroll beyond the end draws the end', () => {
  expect(new TapeWindow([], heights).range(0, 700)).toEqual({ start: 0, end: 0, top: 0 })
  expect(new TapeWindow([row(1, 1)], heights).range(9_000, 700)).toEqual({ start: 0, end: 1, top: 0 })
})
