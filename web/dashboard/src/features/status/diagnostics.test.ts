import { TidewireClient } from '@tidewire/sdk'
import { expect, test } from 'vitest'
import type { ChannelStates } from '../../stream/FeedStates'
import { silentOf } from './ChannelTable'
import { diagnostics, StatNames, statText } from './diagnostics'
import { parseServerStatus } from './ServerStatus'
import type { StatusView } from './StatusStore'

const client = new TidewireClient({ url: 'http://test', token: 'the-secret-token' })
const now = Date.UTC(2026, 10, 20, 19, 21, 2)
const states: ChannelStates = new Map([
  ['news', { measured: 'silent', reason: 'Nothing for 90 s.', lastAt: now - 90_000 }],
  ['flow-alerts', { measured: 'verified', reason: null, lastAt: now }],
])
const view: StatusView = {
  condition: 'live',
  since: now - 1_000,
  status: parseServerStatus({
    status: 'connected',
    version: '0.1.0',
    request_budget: { used: 412, limit: 15_000 },
    uw_connection: { reason: 'the provider closed' },
  }),
  link: { ...client.state, state: 'connected', wasConnected: true, fault: null },
  stats: client.getStats(),
  attempt: 0,
  nextAttemptAt: null,
}
const page = {
  now,
  address: 'http://user:pass@127.0.0.1:8000/dashboard?token=the-secret-token#the-secret-token',
  browser: 'a browser',
  size: '1440 × 900',
}

test('Every figure of the client is there, by its name', () => {
  expect([...StatNames].sort()).toEqual(Object.keys(client.getStats()).sort())
  expect(statText('subscriptions', { ...view.stats, subscriptions: ['news', 'gex:SPY'] })).toBe('2')
  expect(statText('lagMs', { ...view.stats, lagMs: 3.4 })).toBe('3')
  expect(statText('lagMs', view.stats)).toBe('–')
})

test('Diagnostics say everything, and no secret', () => {
  const text = diagnostics(view, page, ['news', 'flow-alerts', 'gex:SPY'], states)
  for (const line of [
    'page: http://127.0.0.1:8000/dashboard',
    'condition: live since 2026-11-20T19:21:01.000Z',
    'upstream reason: the provider closed',
    'request budget: 412 of 15000',
    '  messagesReceived: 0',
    '  news: silent, last 2026-11-20T19:19:32.000Z, Nothing for 90 s.',
    '  gex:SPY: unknown, last –',
  ])
    expect(text).toContain(`${line}\n`)
  expect(text).not.toMatch(/secret|pass/)
})

test('Of the channels that are read, those that bring nothing are counted', () => {
  expect(silentOf(['news', 'flow-alerts', 'gex:SPY'], states)).toEqual({ silent: 1, of: 3 })
})
