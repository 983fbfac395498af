import { beforeEach, describe, expect, test } from 'vitest'
import { EventList } from './EventList'
import { ScriptedChannels } from './ScriptedChannels'

let channels: ScriptedChannels
let flushes: (() => void)[]
let list: EventList<number>
let close: () => void

function listOf(orderOf?: (item: number) => number): EventList<number> {
  return new EventList({
    channels,
    channel: 'news',
    history: 10,
    capacity: 5,
    parse: data => (typeof data === 'number' ? data : null),
    ...(orderOf === undefined ? {} : { orderOf }),
    schedule: flush => flushes.push(flush),
  })
}
function soon(): void {
  for (const flush of flushes.splice(0)) flush()
}
function live(...items: unknown[]): void {
  channels.says('news', 'live', ...items)
  soon()
}
const shown = (): unknown[] => list.get().rows.map(row => (row.kind === 'gap' ? 'gap' : row.item))

beforeEach(() => {
  channels = new ScriptedChannels()
  flushes = []
  list = listOf()
  close = list.open()
})

describe('A list', () => {
  test('reads its channel only while it is open', () => {
    expect(channels.read).toEqual(['news'])
    close()
    expect(channels.read).toEqual([])
    list.open()
    expect(channels.read).toEqual(['news'])
  })

  test('begins afresh when it is opened again', () => {
    live(1)
    close()
    list.open()
    expect(list.get()).toMatchObject({ rows: [], isLoaded: false, refusal: null })
  })

  test('shows the newest first, and what comes together at once', () => {
    let told = 0
    list.subscribe(() => told++)
    channels.says('news', 'history', 1, 2)
    channels.says('news', 'live', 3)
    expect(told).toBe(0)
    soon()
    expect(told).toBe(1)
    expect(shown()).toEqual([3, 2, 1])
  })

  test('leaves out what cannot be read, and shows a gap as a row', () => {
    live(1, 'noise', null)
    channels.misses('news', { reason: 'not_joined' })
    live(2)
    expect(shown()).toEqual([2, 'gap', 1])
    expect(list.get().rows[1]).toMatchObject({ kind: 'gap', reason: 'not_joined' })
  })

  test('is bounded, also while nobody calls back', () => {
    for (let item = 1; item <= 23; item++) channels.says('news', 'live', item)
    soon()
    expect(shown()).toEqual([23, 22, 21, 20, 19])
  })

  test('may have an order of its own, in which a late row does not stand on top', () => {
    close()
    list = listOf(item => item * 1_000)
    list.open()
    live(5, 9, 7)
    live(6)
    expect(shown()).toEqual([9, 7, 6, 5])
    channels.misses('news', { to: 8_000 })
    soon()
    expect(shown()).toEqual([9, 'gap', 7, 6, 5])
  })

  test('is loading until the server has said which rows there are', () => {
    channels.reader('news').joined(true)
    soon()
    expect(list.get().isLoaded).toBe(false)
    channels.says('news', 'history')
    soon()
    expect(list.get()).toMatchObject({ isLoaded: true, rows: [] })
  })

  test('says why the server refuses, until it does not', () => {
    channels.reader('news').refused('Too many channels.')
    soon()
    expect(list.get().refusal).toBe('Too many channels.')
    channels.reader('news').joined(true)
    soon()
    expect(list.get().refusal).toBeNull()
  })
})

describe('A reader further down', () => {
  test('keeps the rows under the eyes, and knows how many wait', () => {
    live(1)
    list.leaveTop()
    live(2, 3)
    channels.misses('news')
    soon()
    expect(shown()).toEqual([1])
    expect(list.get()).toMatchObject({ isHeld: true, waiting: 2 })
    list.reachTop()
    expect(shown()).toEqual(['gap', 3, 2, 1])
    expect(list.get()).toMatchObject({ isHeld: false, waiting: 0 })
  })

  test('sees what had come before leaving, shown or not', () => {
    channels.says('news', 'live', 1)
    list.leaveTop()
    expect(shown()).toEqual([1])
    expect(list.get().waiting).toBe(0)
  })
})
