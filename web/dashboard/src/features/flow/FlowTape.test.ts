import { beforeEach, describe, expect, test } from 'vitest'
import type { ChannelEntry } from '../../stream/Channels'
import { gapWords } from '../../ui/GapLine'
import { FlowTape, type TapeRow } from './FlowTape'
import { contractText } from './NewRows'

const alert = (offset: number, premium = 1_000, ticker = 'SPY', epoch = 'e'): ChannelEntry => ({
  type: 'message',
  channel: 'flow-alerts',
  epoch,
  offset,
  receivedAt: offset * 1_000,
  source: 'socket',
  replaces: null,
  data: { ticker, option_chain: `${ticker}250919C00150000`, total_premium: premium },
})
const gap = (offset: number): ChannelEntry => ({
  type: 'gap',
  channel: 'flow-alerts',
  epoch: 'e',
  offset,
  from: 1,
  to: 2,
  count: 6,
  reason: 'upstream_down',
  backfilled: false,
})

let now: number
let frames: (() => void)[]
let tape: FlowTape

function nextFrame(): void {
  for (const flush of frames.splice(0)) flush()
}
const rows = (): readonly TapeRow[] => tape.get().rows.slice(0, tape.get().rows.length)
function offsets(): number[] {
  return rows().map(row => row.offset)
}
function live(...entries: ChannelEntry[]): void {
  tape.entries(entries, 'live')
  nextFrame()
}

beforeEach(() => {
  now = 0
  frames = []
  tape = new FlowTape({ now: () => now, schedule: flush => frames.push(flush), capacity: 5 })
})

describe('Rows', () => {
  test('come newest first, and several in one frame tell the readers once', () => {
    let told = 0
    tape.subscribe(() => told++)
    for (const offset of [1, 2, 3]) tape.entries([alert(offset)], 'live')
    expect(told).toBe(0)
    nextFrame()
    expect(told).toBe(1)
    expect(offsets()).toEqual([3, 2, 1])
  })

  test('are the same objects from one frame to the next, so that a drawn row is not drawn again', () => {
    live(alert(1))
    const [row] = rows()
    live(alert(2))
    expect(rows()[1]).toBe(row)
  })

  test('are bounded: the oldest leave', () => {
    live(...[1, 2, 3, 4, 5, 6, 7].map(offset => alert(offset)))
    expect(offsets()).toEqual([7, 6, 5, 4, 3])
  })

  test('stay bounded while no frame comes', () => {
    for (let offset = 1; offset <= 23; offset++) tape.entries([alert(offset)], 'live')
    nextFrame()
    expect(offsets()).toEqual([23, 22, 21, 20, 19])
  })

  test('of a history stand under live ones that overtook it', () => {
    tape.entries([alert(4)], 'live')
    tape.entries([alert(2), alert(3)], 'history')
    nextFrame()
    expect(offsets()).toEqual([4, 3, 2])
  })

  test('of another epoch stand on top, whatever their offsets', () => {
    live(alert(90))
    tape.entries([alert(1, 1, 'SPY', 'f'), alert(2, 1, 'SPY', 'f')], 'history')
    nextFrame()
    expect(offsets()).toEqual([2, 1, 90])
  })

  test('that were kept from a log that is no more are forgotten', () => {
    live(alert(1), alert(2))
    tape.togglePause()
    tape.forget()
    live(alert(1, 1_000, 'SPY', 'f'))
    tape.togglePause()
    expect(rows().map(({ epoch, offset }) => epoch + offset)).toEqual(['f1'])
  })

  test('that cannot be read are left out, and a gap is a row', () => {
    live({ ...alert(1), data: 'noise' } as ChannelEntry, gap(2), alert(3))
    expect(rows().map(row => row.kind)).toEqual(['alert', 'gap'])
  })

  test('are asked for until the server has said which there are', () => {
    expect(tape.get().isLoaded).toBe(false)
    tape.joined(true)
    nextFrame()
    expect(tape.get().isLoaded).toBe(false)
    tape.entries([], 'history')
    nextFrame()
    expect(tape.get()).toMatchObject({ isLoaded: true, rows: { length: 0 } })
  })

  test('that the server refuses are refused until it says otherwise', () => {
    tape.refused('No such channel.')
    nextFrame()
    expect(tape.get().refusal).toBe('No such channel.')
    tape.joined(true)
    nextFrame()
    expect(tape.get().refusal).toBeNull()
  })

  test('fade in live only, and three a second at most', () => {
    tape.entries([alert(1)], 'history')
    live(...[2, 3, 4, 5].map(offset => alert(offset)))
    now = 1_001
    live(alert(6))
    const fading = rows().flatMap(row => (row.kind === 'alert' && row.fadesFrom !== null ? row.offset : []))
    expect(fading).toEqual([6, 4, 3, 2])
  })
})

describe('A held tape', () => {
  beforeEach(() => live(alert(1)))

  test('does not move while paused, counts what waits and names the largest', () => {
    now = 7
    tape.togglePause()
    expect(tape.get()).toMatchObject({ pausedAt: 7, isHeld: true, waiting: { count: 0 } })
    live(alert(2, 5_000), alert(3, 12_299_565, 'NVDA'), gap(4))
    const { waiting } = tape.get()
    expect(offsets()).toEqual([1])
    expect(waiting.count).toBe(2)
    expect(waiting.largest && contractText(waiting.largest.alert)).toBe('NVDA 150 C $12.3M')
    tape.togglePause()
    expect(offsets()).toEqual([4, 3, 2, 1])
    expect(tape.get()).toMatchObject({ pausedAt: null, isHeld: false, waiting: { count: 0, largest: null } })
  })

  test('does not move for a reader further down, and follows again at the top', () => {
    tape.leaveTop()
    live(alert(2))
    expect(offsets()).toEqual([1])
    expect(tape.get().waiting.count).toBe(1)
    tape.reachTop()
    expect(offsets()).toEqual([2, 1])
    expect(tape.get().waiting.count).toBe(0)
  })

  test('keeps its picture while as many rows come as it holds', () => {
    live(...[2, 3, 4, 5].map(offset => alert(offset)))
    tape.leaveTop()
    live(...[6, 7, 8, 9, 10].map(offset => alert(offset)))
    expect(offsets()).toEqual([5, 4, 3, 2, 1])
    tape.reachTop()
    expect(offsets()).toEqual([10, 9, 8, 7, 6])
  })

  test('stays held when a paused reader scrolls to the top', () => {
    tape.togglePause()
    tape.leaveTop()
    tape.reachTop()
    expect(tape.get().isHeld).toBe(true)
  })

  test('shows what waits on demand, paused or not', () => {
    tape.leaveTop()
    tape.togglePause()
    live(alert(2))
    tape.showNew()
    expect(tape.get()).toMatchObject({ pausedAt: null, isHeld: false })
    expect(offsets()).toEqual([2, 1])
  })

  test('counts exactly what has come, even more than it holds', () => {
    tape.togglePause()
    for (let offset = 2; offset <= 40; offset++) live(alert(offset))
    expect(tape.get().waiting.count).toBe(39)
    tape.showNew()
    expect(offsets()).toEqual([40, 39, 38, 37, 36])
  })
})

test('What is announced is what has come since, without what the page began with', () => {
  tape.entries([alert(1)], 'history')
  live(alert(2), alert(3, 9_000, 'NVDA'))
  expect(tape.takeAnnouncement()).toMatchObject({ count: 2, largest: { alert: { ticker: 'NVDA' } } })
  expect(tape.takeAnnouncement().count).toBe(0)
})

test.each([
  [
    { reason: 'upstream_down', count: null, backfilled: false },
    'Connection to the provider lost. What came meanwhile is missing.',
  ],
  [
    { reason: 'not_recovered', count: 1, backfilled: false },
    'This page was not connected. About 1 row missing, not recoverable.',
  ],
  [
    { reason: 'dropped_by_us', count: 1_400, backfilled: false },
    'Dropped by this server. About 1,400 rows missing, not recoverable.',
  ],
  [
    { reason: 'not_joined', count: null, backfilled: false },
    'Not subscribed at the provider. What came meanwhile is missing.',
  ],
  [
    { reason: 'silent', count: 6, backfilled: true },
    'The provider fell silent. 6 rows filled in, none missing.',
  ],
  [
    { reason: 'upstream_down', count: 1_000, backfilled: false },
    'Connection to the provider lost. 1,000 rows filled in, the rest is missing.',
  ],
  [{ reason: 'upstream_down', count: null, backfilled: true }, 'Connection to the provider lost. Filled in.'],
  [{ reason: 'store_lost', count: null, backfilled: false }, 'Not kept: cannot be recovered later.'],
  [{ reason: 'store_lost', count: 12, backfilled: false }, 'Not kept: 12 rows cannot be recovered later.'],
  [{ reason: 'brand_new', count: 6, backfilled: 6 }, 'brand new. 6 rows filled in, none missing.'],
  [{ reason: 'brand_new', count: null, backfilled: true }, 'brand new. Filled in.'],
])('A gap %j says: %s', (facts, words) => {
  expect(gapWords({ from: null, to: null, ...facts })).toBe(words)
})
