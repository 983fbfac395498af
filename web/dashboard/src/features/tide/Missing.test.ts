import { expect, test } from 'vitest'
import { type Stretch, withGap } from './Missing'

const gap = (from: number | null, to: number | null, more: object = {}) => ({
  from,
  to,
  count: null,
  backfilled: false as const,
  ...more,
})

test('A gap is a stretch in which something is missing', () => {
  expect(withGap([{ from: 50, to: 60 }], gap(10, 20))).toEqual([
    { from: 10, to: 20 },
    { from: 50, to: 60 },
  ])
})

test('Gaps that touch are one', () => {
  const two: readonly Stretch[] = [
    { from: 10, to: 20 },
    { from: 30, to: 40 },
  ]
  expect(withGap(two, gap(20, 30))).toEqual([{ from: 10, to: 40 }])
})

test('What was filled in is not missing any more', () => {
  const missing = withGap([], gap(10, 20))
  expect(withGap(missing, gap(10, 20, { backfilled: true }))).toEqual([])
  expect(withGap(missing, gap(12, 18, { backfilled: true }))).toEqual(missing)
})

test.each([gap(null, 20), gap(10, null), gap(20, 20), gap(10, 20, { count: 0 })])(
  'A gap without an extent, or with nothing missing, changes nothing',
  facts => {
    expect(withGap([], facts)).toEqual([])
  },
)
