import { expect, test } from 'vitest'
import { keptPoints, LevelHistory } from './LevelHistory'

const Start = 60_000 * 1_000

test('The last levels of a minute stand for it', () => {
  const history = new LevelHistory()
  history.add({ at: Start, spot: 600, zero: 590 })
  history.add({ at: Start + 59_000, spot: 601, zero: 591 })
  history.add({ at: Start + 60_000, spot: 602, zero: null })
  expect(history.points).toEqual([
    { at: Start + 59_000, spot: 601, zero: 591 },
    { at: Start + 60_000, spot: 602, zero: null },
  ])
})

test('What is late or says nothing changes nothing', () => {
  const history = new LevelHistory()
  history.add({ at: Start, spot: 600, zero: 590 })
  const { points } = history
  history.add({ at: Start - 1, spot: 1, zero: 1 })
  history.add({ at: Start + 60_000, spot: null, zero: null })
  expect(history.points).toBe(points)
})

test('However long it goes on, so many points are held', () => {
  const history = new LevelHistory()
  for (let minute = 0; minute < 2_000; minute++)
    history.add({ at: minute * 60_000, spot: minute, zero: null })
  expect(history.points).toHaveLength(960)
  expect(history.points.at(-1)?.spot).toBe(1_999)
  history.clear()
  expect(history.points).toEqual([])
})

test('What an earlier page kept goes on, if it is of this ticker and day', () => {
  const kept = {
    ticker: 'SPY',
    day: '2025-05-16',
    points: [{ at: 5, spot: 600, zero: null }, 'noise', { spot: 1 }],
  }
  expect(keptPoints(kept, 'SPY', '2025-05-16')).toEqual([{ at: 5, spot: 600, zero: null }])
  expect(keptPoints(kept, 'QQQ', '2025-05-16')).toEqual([])
  expect(keptPoints(kept, 'SPY', '2025-05-17')).toEqual([])
  for (const noise of [null, 7, [], { ticker: 'SPY', day: '2025-05-16', points: 'x' }])
    expect(keptPoints(noise, 'SPY', '2025-05-16')).toEqual([])
})
