import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ScriptedChannels } from '../../stream/ScriptedChannels'
import { WatchLimit, WatchList } from './WatchList'

let kept: Record<string, string>
let channels: ScriptedChannels
let frames: (() => void)[]
let now: number

const listOf = (): WatchList =>
  new WatchList({ channels, now: () => now, schedule: flush => frames.push(flush) })
function nextFrame(): void {
  for (const flush of frames.splice(0)) flush()
}
const price = (value: unknown, more: object = {}): object => ({ ticker: 'SPY', price: value, ...more })

beforeEach(() => {
  kept = { 'tidewire.watch-list': '["SPY","QQQ"]' }
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept[key] ?? null,
    setItem: (key: string, value: string) => {
      kept[key] = value
    },
  })
  channels = new ScriptedChannels()
  frames = []
  now = 0
})
afterEach(() => vi.unstubAllGlobals())

test('The tickers’ channels are read only while the list is open', () => {
  const list = listOf()
  expect(channels.read).toEqual([])
  const close = list.open()
  expect(channels.read).toEqual(['ticker:SPY', 'ticker:QQQ'])
  close()
  expect(channels.read).toEqual([])
})

test('A ticker is added as it is typed, read at once and remembered', () => {
  const list = listOf()
  list.open()
  expect(list.add(' brk.b ')).toBeNull()
  expect(channels.read).toContain('ticker:BRK.B')
  expect(listOf().tickers.get()).toEqual(['SPY', 'QQQ', 'BRK.B'])
})

test('A ticker that is removed is no longer read and forgotten', () => {
  const list = listOf()
  list.open()
  list.remove('QQQ')
  expect(channels.read).toEqual(['ticker:SPY'])
  expect(listOf().tickers.get()).toEqual(['SPY'])
  expect(list.add('QQQ')).toBeNull()
  expect(channels.read).toEqual(['ticker:SPY', 'ticker:QQQ'])
})

test('What cannot be added says why', () => {
  const list = listOf()
  expect(list.add('no ticker')).toContain('is no ticker')
  expect(list.add('spy')).toBe('SPY is on the list.')
  for (let index = 2; index < WatchLimit; index++) expect(list.add(`T${index}`)).toBeNull()
  expect(list.add('MORE')).toContain(`${WatchLimit} tickers`)
  expect(list.tickers.get()).toHaveLength(WatchLimit)
})

test.each([
  ['"SPY"', 6],
  ['[]', 0],
  ['[7, null, "a b", "spy", "SPY"]', 1],
  [JSON.stringify(Array.from({ length: 500 }, (_, index) => `T${index}`)), WatchLimit],
])('Of what was kept as %s, %i tickers can be used', (text, count) => {
  kept['tidewire.watch-list'] = text
  expect(listOf().tickers.get()).toHaveLength(count)
})

test('A tick changes the cell of its ticker alone, once a frame', () => {
  const list = listOf()
  list.open()
  const told = { SPY: 0, QQQ: 0 }
  list.watched('SPY').subscribe(() => told.SPY++)
  list.watched('QQQ').subscribe(() => told.QQQ++)
  channels.says('ticker:SPY', 'history', price(600))
  channels.says('ticker:SPY', 'live', price(601), price('602.5'))
  expect(told).toEqual({ SPY: 0, QQQ: 0 })
  nextFrame()
  expect(told).toEqual({ SPY: 1, QQQ: 0 })
  expect(list.watched('SPY').get().quote?.price).toBe(602.5)
})

test('A move has its way, and a history or an equal price is none', () => {
  const list = listOf()
  list.open()
  const move = (): unknown => {
    nextFrame()
    return list.watched('SPY').get().move
  }
  channels.says('ticker:SPY', 'history', price(600))
  expect(move()).toBeNull()
  channels.says('ticker:SPY', 'live', price(600))
  expect(move()).toBeNull()
  channels.says('ticker:SPY', 'live', price(600.01))
  expect(move()).toEqual({ way: 'up', count: 1 })
  channels.says('ticker:SPY', 'live', price(599))
  expect(move()).toEqual({ way: 'down', count: 2 })
})

test('No more than three moves a second are seen', () => {
  const list = listOf()
  list.open()
  const seen = (...prices: number[]): number | undefined => {
    channels.says('ticker:SPY', 'live', ...prices.map(value => price(value)))
    nextFrame()
    return list.watched('SPY').get().move?.count
  }
  expect(seen(1, 2, 3, 4, 5, 6)).toBe(3)
  now = 1_001
  expect(seen(7)).toBe(4)
})

test('What is no quote changes nothing, and the time of receipt stands in for a missing one', () => {
  const list = listOf()
  list.open()
  channels.says('ticker:SPY', 'live', price(600), price(null), 'noise')
  channels.misses('ticker:SPY')
  nextFrame()
  expect(list.watched('SPY').get().quote).toMatchObject({ price: 600, at: 1_000 })
})

test('A refusal stands at its ticker until the server takes it', () => {
  const list = listOf()
  list.open()
  channels.reader('ticker:SPY').refused('Too many channels.')
  nextFrame()
  expect(list.watched('SPY').get().refusal).toBe('Too many channels.')
  channels.reader('ticker:SPY').joined(true)
  nextFrame()
  expect(list.watched('SPY').get().refusal).toBeNull()
})

test('The chart shows a ticker that need not be watched, read from further back', () => {
  const asked: string[] = []
  const list = new WatchList({
    channels: {
      subscribe: (channel, history, reader) => {
        asked.push(`${channel} ${history}`)
        return channels.subscribe(channel, history, reader)
      },
    },
    now: () => now,
    schedule: flush => frames.push(flush),
  })
  list.open()
  expect(asked).toEqual(['ticker:SPY 1000', 'ticker:QQQ 60'])
  expect(list.show(' tsla ')).toBeNull()
  expect(list.shown.get()).toBe('TSLA')
  expect(channels.read).toEqual(['ticker:SPY', 'ticker:QQQ', 'ticker:TSLA'])
  expect(list.show('QQQ')).toBeNull()
  expect(channels.read).toEqual(['ticker:SPY', 'ticker:QQQ'])
  expect(asked.slice(2)).toEqual(['ticker:TSLA 1000', 'ticker:QQQ 1000'])
  expect(list.show('a b')).toContain('is no ticker')
  expect(listOf().shown.get()).toBe('QQQ')
})

test('The ticker of the chart is read on when it is no longer watched', () => {
  const list = listOf()
  list.open()
  list.remove('SPY')
  expect(list.tickers.get()).toEqual(['QQQ'])
  expect(channels.read).toContain('ticker:SPY')
  list.show('QQQ')
  expect(channels.read).toEqual(['ticker:QQQ'])
})

test('A price that comes late is on the chart and not the newest', () => {
  const list = listOf()
  list.open()
  const at = (second: number): string => new Date(Date.UTC(2025, 4, 16, 18, 0, second)).toISOString()
  channels.says('ticker:SPY', 'history', price(600, { timestamp: at(5) }))
  channels.says('ticker:SPY', 'live', price(610, { timestamp: at(20) }), price(590, { timestamp: at(7) }))
  nextFrame()
  expect(list.watched('SPY').get().quote?.price).toBe(610)
  expect(list.watched('SPY').get().move).toEqual({ way: 'up', count: 1 })
  expect(list.candles('SPY').of(60_000)).toMatchObject([{ open: 600, high: 610, low: 590, close: 610 }])
})
