import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FeedStates, parseChannelStates } from './FeedStates'

const answer = (...active: unknown[]): unknown => ({ channels: [{ id: 'gex', active }] })

test.each([
  [{ measured: 'fallback', state: 'live', reason: 'REST' }, 'fallback'],
  [{ measured: 'verified' }, 'verified'],
  [{ measured: 'something new', state: 'live' }, 'unknown'],
  [{ state: 'live' }, 'verified'],
  [{ state: 'silent' }, 'silent'],
  [{ state: 'refused' }, 'refused'],
  [{ state: 'derived' }, 'derived'],
  [{ state: 'joined' }, 'unknown'],
  [{}, 'unknown'],
])('Of %j is measured: %s', (entry, measured) => {
  expect(parseChannelStates(answer({ channel: 'gex:SPY', ...entry }))?.get('gex:SPY')?.measured).toBe(
    measured,
  )
})

test('What was measured of a feed last stands for its channel while nobody reads it', () => {
  const states = parseChannelStates({
    channels: [
      { id: 'market_movers', measured: 'fallback', active: [] },
      {
        id: 'congress_trades',
        measured: 'unknown',
        active: [{ channel: 'congress_trades', measured: 'refused' }],
      },
    ],
  })
  expect(states?.get('market_movers')?.measured).toBe('fallback')
  expect(states?.get('congress_trades')?.measured).toBe('refused')
})

test('Why and when come along', () => {
  const states = parseChannelStates(
    answer({
      channel: 'gex:SPY',
      measured: 'silent',
      reason: 'No data for 90 s.',
      last_at: '2026-11-20T14:30:04.981Z',
    }),
  )
  expect(states?.get('gex:SPY')).toEqual({
    measured: 'silent',
    reason: 'No data for 90 s.',
    lastAt: Date.UTC(2026, 10, 20, 14, 30, 4, 981),
  })
})

test.each([null, 'busy', [], {}, { channels: 'none' }])('%j is no answer', body => {
  expect(parseChannelStates(body)).toBeNull()
})

test('What is malformed in an answer is left out', () => {
  expect(
    parseChannelStates({ channels: [null, 7, { active: 'x' }, { active: [null, {}, { channel: 7 }] }] })
      ?.size,
  ).toBe(0)
})

describe('The store', () => {
  let asked: number
  let reply: () => unknown
  let states: FeedStates

  beforeEach(() => {
    vi.useFakeTimers()
    asked = 0
    reply = () => answer({ channel: 'gex:SPY', measured: 'verified' })
    states = new FeedStates({
      ask: async () => {
        asked++
        return reply()
      },
    })
  })
  afterEach(() => vi.useRealTimers())

  test('asks nothing while nobody reads it', async () => {
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toBe(0)
    const end = states.subscribe(() => undefined)
    await vi.advanceTimersByTimeAsync(11_000)
    expect(asked).toBe(3)
    end()
    end()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toBe(3)
  })

  test('keeps what it knows while the server does not answer', async () => {
    states.subscribe(() => undefined)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(states.get().get('gex:SPY')?.measured).toBe('verified')
    reply = () => {
      throw new TypeError('Failed to fetch')
    }
    await vi.advanceTimersByTimeAsync(10_000)
    expect(states.get().get('gex:SPY')?.measured).toBe('verified')
    reply = () => answer({ channel: 'gex:SPY', measured: 'silent' })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(states.get().get('gex:SPY')?.measured).toBe('silent')
  })
})
