import { expect, test } from 'vitest'
import { parseFlowAlert } from './FlowAlert'
import type { TapeRow } from './FlowTape'
import { RowList, RowLog } from './RowLog'
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

/** The rows as a list, given newest first. */
function listOf(rows: readonly TapeRow[]): RowList {
  const log = new RowLog()
  for (const one of rows.toReversed()) log.append(one)
  return new RowList(log)
}

test('The height is that of all rows, each of its kind', () => {
  const tape = new TapeWindow(heights)
  expect(tape.range(listOf([row(1, 1), row(2, 2e6), gap]), 0, 10).height).toBe(24 + 30 + 18)
  expect(tape.range(listOf([]), 0, 10).height).toBe(0)
})

test('Only rows in view and a few around them are drawn, of 100,000', () => {
  const rows = listOf(Array.from({ length: 100_000 }, (_, index) => row(index, 1)))
  const tape = new TapeWindow(heights)
  expect(tape.range(rows, 0, 720)).toEqual({ start: 0, end: 39, top: 0, height: 2_400_000 })
  expect(tape.range(rows, 24_000, 720)).toMatchObject({ start: 992, end: 1_039, top: 992 * 24 })
  expect(tape.range(rows, 100_000 * 24 - 720, 720).end).toBe(100_000)
})

test('Every height has the row that stands there, whatever the heights of the others', () => {
  const rows = [gap, row(9, 2e6), row(8, 1), gap, row(7, 1), row(6, 2e6)]
  const list = listOf(rows)
  const tape = new TapeWindow(heights)
  let top = 0
  rows.forEach((one, index) => {
    const { start, end } = tape.range(list, top, 0)
    expect(start).toBe(0)
    expect(end).toBe(Math.min(rows.length, index + 9))
    top += one.kind === 'gap' ? 18 : one.alert.premium === 2e6 ? 30 : 24
  })
})

test('No rows, no range; a scroll beyond the end draws the end', () => {
  const tape = new TapeWindow(heights)
  expect(tape.range(listOf([]), 0, 700)).toEqual({ start: 0, end: 0, top: 0, height: 0 })
  expect(tape.range(listOf([row(1, 1)]), 9_000, 700)).toMatchObject({ start: 0, end: 1, top: 0 })
})

test('What is added, what leaves and what is put in between are followed', () => {
  const log = new RowLog()
  const tape = new TapeWindow(heights)
  const height = (): number => tape.range(new RowList(log), 0, 100).height
  for (let index = 1; index <= 40_000; index++) {
    log.append(row(index, index % 10 === 0 ? 2e6 : 1))
    log.bound(1_000)
    if (index % 500 === 0) expect(height()).toBe(Math.min(index, 1_000) * 24.6)
  }
  log.insert([{ ...gap, offset: 39_990.5 }])
  expect(height()).toBe(1_000 * 24.6 + 18)
  expect(new RowList(log).at(10)?.kind).toBe('gap')
})
