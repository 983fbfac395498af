import { beforeEach, expect, test } from 'vitest'
import { ScriptedChannels } from '../../stream/ScriptedChannels'
import { SessionTide, TideChannel } from './SessionTide'

const Noon = Date.parse('2025-05-16T16:00:00Z')
let now: number
let isAlwaysOpen: boolean
let flushes: (() => void)[]
let channels: ScriptedChannels
let tide: SessionTide

const tick = (at: number, call: string, put: string): object => ({
  timestamp: new Date(at).toISOString(),
  net_call_premium: call,
  net_put_premium: put,
  net_volume: 12,
})
function soon(): void {
  for (const flush of flushes.splice(0)) flush()
}

beforeEach(() => {
  now = Noon
  isAlwaysOpen = false
  flushes = []
  channels = new ScriptedChannels()
  tide = new SessionTide({
    now: () => now,
    isAlwaysOpen: () => isAlwaysOpen,
    schedule: flush => flushes.push(flush),
  })
})

test('Increments of the session are its steps, shown together', () => {
  tide.open(channels)
  let told = 0
  tide.subscribe(() => told++)
  channels.says(TideChannel, 'history', tick(Noon - 1_000, '100.0', '-20.5'))
  channels.says(TideChannel, 'live', tick(Noon, '5', '1'), tick(Noon + 2_000, '6', '2'), { noise: 1 })
  soon()
  expect(told).toBe(1)
  expect(tide.get()).toMatchObject({
    steps: [
      { at: Noon - 120_000, call: 100, put: -20.5 },
      { at: Noon, call: 11, put: 3 },
    ],
    firstAt: Noon - 1_000,
    isLoaded: true,
    refusal: null,
  })
})

test('What is from another day is not drawn into this one', () => {
  tide.open(channels)
  channels.says(TideChannel, 'history', tick(Noon - 86_400_000, '100', '1'))
  soon()
  expect(tide.get().steps).toEqual([])
})

test('A gap is missing until it is filled in, whichever channel said it', () => {
  tide.open(channels)
  channels.misses(TideChannel, { from: Noon, to: Noon + 5_000 })
  tide.misses({ from: Noon + 60_000, to: Noon + 65_000, count: null, backfilled: false })
  soon()
  expect(tide.get().missing).toHaveLength(2)
  channels.misses(TideChannel, { from: Noon, to: Noon + 5_000, backfilled: true })
  soon()
  expect(tide.get().missing).toEqual([{ from: Noon + 60_000, to: Noon + 65_000 }])
})

test('An alert that fired is a notch', () => {
  tide.fired({ at: Noon, words: 'NVDA $12.3M' })
  tide.fired({ at: Noon - 86_400_000, words: 'yesterday' })
  soon()
  expect(tide.get().notches).toEqual([{ at: Noon, words: 'NVDA $12.3M' }])
})

test('With the next session the line begins anew, without anything arriving', () => {
  tide.open(channels)
  channels.says(TideChannel, 'live', tick(Noon, '5', '1'))
  soon()
  const { session } = tide.get()
  tide.turn()
  soon()
  expect(tide.get().session).toEqual(session)
  now = Date.parse('2025-05-19T13:30:00Z')
  tide.turn()
  soon()
  expect(tide.get().session.from).toBe(now)
  expect(tide.get().steps).toEqual([])
})

test('A market that never closes has a window that moves along', () => {
  isAlwaysOpen = true
  tide.turn()
  soon()
  expect(tide.get().session).toMatchObject({ kind: 'window', to: Noon + 1_800_000 })
})

test('A refusal is said until the server takes the channel', () => {
  tide.open(channels)
  channels.reader(TideChannel).refused('Not entitled.')
  soon()
  expect(tide.get().refusal).toBe('Not entitled.')
  channels.reader(TideChannel).joined(false)
  soon()
  expect(tide.get()).toMatchObject({ refusal: null, isLoaded: true })
})
