import { beforeEach, expect, test, vi } from 'vitest'
import { ScriptedChannels } from '../../stream/ScriptedChannels'
import { GammaBoard } from './GammaBoard'

let channels: ScriptedChannels
let flushes: (() => void)[]
let board: GammaBoard
let close: () => void

function soon(): void {
  for (const flush of flushes.splice(0)) flush()
}
const strike = (at: number, timestamp: number, price = '600'): object => ({
  strike: String(at),
  timestamp,
  price,
  call_gamma_oi: '5',
  put_gamma_oi: '-3',
})
const totals = (price: string, timestamp: number): object => ({
  price,
  timestamp,
  gamma_per_one_percent_move_oi: '6931204411.72',
})

beforeEach(() => {
  channels = new ScriptedChannels()
  flushes = []
  board = new GammaBoard({ channels, schedule: flush => flushes.push(flush) })
  close = board.open()
})

test('The ticker’s two channels are read only while the board is open', () => {
  expect(channels.read).toEqual(['gex:SPY', 'gex_strike:SPY'])
  close()
  expect(channels.read).toEqual([])
})

test('Another ticker leaves the channels of the first, and shows nothing of it', () => {
  channels.says('gex:SPY', 'live', totals('600', 1))
  soon()
  expect(board.choose(' tsla ')).toBeNull()
  expect(channels.read).toEqual(['gex:TSLA', 'gex_strike:TSLA'])
  expect(board.get()).toMatchObject({ ticker: 'TSLA', totals: null, strikes: [], isLoaded: false })
})

test('A ticker chosen while it is closed is read when it opens', () => {
  close()
  board.choose('TSLA')
  expect(channels.read).toEqual([])
  board.open()
  expect(channels.read).toEqual(['gex:TSLA', 'gex_strike:TSLA'])
})

test('What is no ticker is not chosen, and says why', () => {
  expect(board.choose('gex:SPY')).toContain('is no ticker')
  expect(board.get().ticker).toBe('SPY')
})

test('A round of strikes is shown at once, in rising order, the newest of each', () => {
  let told = 0
  board.subscribe(() => told++)
  channels.says('gex_strike:SPY', 'history', strike(610, 1), strike(600, 1))
  channels.says('gex_strike:SPY', 'live', strike(605, 2), strike(600, 2, '601'))
  expect(told).toBe(0)
  soon()
  expect(told).toBe(1)
  expect(board.get().strikes.map(row => [row.strike, row.at])).toEqual([
    [600, 2],
    [605, 2],
    [610, 1],
  ])
})

test('Spot is the newer one of the totals’ and the strikes’', () => {
  channels.says('gex_strike:SPY', 'live', strike(600, 5_000, '600.5'))
  channels.says('gex:SPY', 'live', totals('599', 4_000))
  soon()
  expect(board.get().spot).toBe(600.5)
  channels.says('gex:SPY', 'live', totals('602', 6_000))
  soon()
  expect(board.get().spot).toBe(602)
})

test('The zero level has a history, which goes on where a page is loaded again', () => {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  })
  const round = (minute: number, callsAt105: string): void => {
    const timestamp = Date.UTC(2025, 4, 16, 18, minute)
    const row = (at: number, call: string, put: string): object => ({
      strike: at,
      timestamp,
      price: '101',
      call_gamma_oi: call,
      put_gamma_oi: put,
    })
    channels.says(
      'gex_strike:SPY',
      'live',
      row(95, '1', '-2'),
      row(100, '2', '-3'),
      row(105, callsAt105, '-1'),
    )
    soon()
  }
  const zeros = (): (number | null)[] => board.get().history.map(({ zero }) => zero)
  close()
  board = new GammaBoard({ channels, schedule: flush => flushes.push(flush) })
  close = board.open()
  round(20, '4')
  round(20, '5')
  round(21, '7')
  expect(zeros()).toEqual([100 + (2 / 4) * 5, 100 + (2 / 6) * 5])
  close()

  board = new GammaBoard({ channels, schedule: flush => flushes.push(flush) })
  close = board.open()
  expect(zeros()).toEqual([])
  round(22, '4')
  expect(zeros()).toHaveLength(3)
  board.choose('QQQ')
  expect(zeros()).toEqual([])
  vi.unstubAllGlobals()
})

test('Another weight has other levels at once', () => {
  channels.says('gex_strike:SPY', 'live', { strike: 95, timestamp: 1, call_gamma_oi: 9, call_gamma_vol: 1 })
  channels.says('gex_strike:SPY', 'live', { strike: 100, timestamp: 1, call_gamma_oi: 1, call_gamma_vol: 9 })
  soon()
  expect(board.get().levels.callWall).toBe(95)
  board.weight.set('vol')
  soon()
  expect(board.get().levels.callWall).toBe(100)
  board.weight.set('oi')
})

test('A strike that is no longer published leaves', () => {
  channels.says('gex_strike:SPY', 'live', strike(600, 1_000), strike(605, 1_000))
  channels.says('gex_strike:SPY', 'live', strike(605, 700_000))
  soon()
  expect(board.get().strikes.map(row => row.strike)).toEqual([605])
})

test('However many strikes come, so many are held', () => {
  for (let at = 1; at <= 5_000; at++) channels.says('gex_strike:SPY', 'live', strike(at, 1))
  soon()
  expect(board.get().strikes).toHaveLength(2_000)
})

test('Noise changes nothing, and a gap is none of its rows', () => {
  channels.says('gex_strike:SPY', 'live', null, 'x', { strike: 'x' })
  channels.says('gex:SPY', 'live', totals('600', 1), {}, 7)
  channels.misses('gex:SPY')
  soon()
  expect(board.get()).toMatchObject({ strikes: [], totals: { byOpenInterest: 6_931_204_411.72 } })
})

test('A refusal is said until the server takes the channel', () => {
  channels.reader('gex:SPY').refused('Bad ticker.')
  soon()
  expect(board.get().refusal).toBe('Bad ticker.')
  channels.reader('gex:SPY').joined(true)
  soon()
  expect(board.get().refusal).toBeNull()
})

test('A ticker of which nothing was ever published is empty, not on its way', () => {
  expect(board.get().isLoaded).toBe(false)
  channels.reader('gex:SPY').joined(false)
  soon()
  expect(board.get().isLoaded).toBe(true)
})
