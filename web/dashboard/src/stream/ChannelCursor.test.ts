import { beforeEach, describe, expect, test } from 'vitest'
import { ChannelCursor } from './ChannelCursor'
import type { Delivery } from './frames'

const at = (offset: number, skipped = 0): Delivery => ({
  type: 'message',
  channel: 'flow-alerts',
  offset,
  skipped,
  receivedAt: offset,
  data: {},
  source: 'socket',
})
const offsets = (entries: readonly Delivery[]): number[] => entries.map(entry => entry.offset)

let cursor: ChannelCursor
beforeEach(() => {
  cursor = new ChannelCursor()
  cursor.join({ epoch: 'a', offset: 10 }, false)
})

describe('offset = previous + 1 + merged + filtered', () => {
  test('holds for the next entry, and for one after entries that were not shown', () => {
    expect(cursor.judge(at(11)).kind).toBe('next')
    expect(cursor.judge(at(15, 3)).kind).toBe('next')
    expect(cursor.position).toEqual({ epoch: 'a', offset: 15 })
  })

  test('a hole is told with its size and does not move the position', () => {
    expect(cursor.judge(at(14, 1))).toEqual({ kind: 'hole', missing: 2 })
    expect(cursor.position).toEqual({ epoch: 'a', offset: 10 })
  })

  test('what was seen before is a duplicate', () => {
    cursor.judge(at(11))
    expect(cursor.judge(at(11)).kind).toBe('duplicate')
    expect(cursor.judge(at(3)).kind).toBe('duplicate')
  })

  test('a position moves on over what was not shown, and never back', () => {
    cursor.moveTo({ epoch: 'a', offset: 40 })
    expect(cursor.judge(at(41)).kind).toBe('next')
    cursor.moveTo({ epoch: 'a', offset: 12 })
    expect(cursor.position?.offset).toBe(41)
  })
})

describe('history', () => {
  test('of a first join is new as a whole, oldest first, and has no seam', () => {
    const { fresh, seam } = cursor.history([at(10), at(8), at(9)])
    expect(offsets(fresh)).toEqual([8, 9, 10])
    expect(seam).toBeNull()
  })

  test('asked for twice adds nothing', () => {
    cursor.history([at(9), at(10)])
    expect(cursor.history([at(9), at(10)]).fresh).toEqual([])
  })

  test('after a failed recovery leaves out what is held', () => {
    cursor.judge(at(11))
    cursor.join({ epoch: 'a', offset: 14 }, false)
    const { fresh, seam } = cursor.history([at(10), at(11), at(12), at(13), at(14)])
    expect(offsets(fresh)).toEqual([12, 13, 14])
    expect(seam).toBeNull()
  })

  test('that does not reach back to what is held leaves a seam of known size', () => {
    cursor.join({ epoch: 'a', offset: 30 }, false)
    expect(cursor.history([at(29), at(30)]).seam).toEqual({ missing: 18 })
  })

  test('of another epoch is new as a whole, behind a seam nobody can measure', () => {
    cursor.join({ epoch: 'b', offset: 4 }, false)
    const { fresh, seam } = cursor.history([at(3), at(4)])
    expect(offsets(fresh)).toEqual([3, 4])
    expect(seam).toEqual({ missing: null })
  })

  test('adds nothing to a recovery: the missed entries follow as live ones', () => {
    cursor.join({ epoch: 'a', offset: 13 }, true)
    expect(cursor.history([at(11), at(12), at(13)]).fresh).toEqual([])
    expect(cursor.judge(at(11)).kind).toBe('next')
  })
})
