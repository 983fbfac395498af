import { TidewireClient } from '@tidewire/sdk'
import { expect, test } from 'vitest'
import { parseServerStatus } from './ServerStatus'
import type { Condition, StatusView } from './StatusStore'
import { emptyWords, facts, noticeWords, pillWords } from './wording'

const now = Date.UTC(2026, 10, 20, 19, 21, 2)
const view = (condition: Condition, changes: Partial<StatusView> = {}): StatusView => ({
  condition,
  since: now - 134_000,
  status: parseServerStatus({ status: 'connected', version: '0.1.0', total_clients: 3, uw_connection: {} }),
  link: {
    state: 'connected',
    attempt: 0,
    retryAt: null,
    wire: 'websocket',
    wasConnected: true,
    fault: null,
  },
  stats: { ...new TidewireClient({ url: 'http://test' }).getStats(), roundTripMs: 12.4 },
  attempt: 0,
  nextAttemptAt: null,
  ...changes,
})
/** The words as one reads them, with plain spaces. */
function pill(condition: Condition, changes: Partial<StatusView> = {}): string {
  const { word, wide, more } = pillWords(view(condition, changes), now)
  return [word, wide, more].filter(Boolean).join(' ').replaceAll('\u2009', ' ')
}

test.each<[Condition, Partial<StatusView>, string, string]>([
  ['connecting', {}, 'CONNECTING… first try', 'CONNECTING...'],
  [
    'connecting',
    { attempt: 2, nextAttemptAt: now + 900 },
    'CONNECTING… attempt 2, next in 1 s',
    'CONNECTING...',
  ],
  ['live', {}, 'LIVE 12 ms', 'LIVE - Connected to UW WebSocket'],
  ['demo', {}, 'DEMO simulated market', 'DEMO - Simulated market'],
  [
    'reconnecting',
    { attempt: 3, nextAttemptAt: now + 3_400 },
    'RECONNECTING… attempt 3, next in 4 s',
    'RECONNECTING...',
  ],
  [
    'reconnecting',
    { attempt: 4, nextAttemptAt: now - 10 },
    'RECONNECTING… attempt 4, trying now',
    'RECONNECTING...',
  ],
  ['reconnecting', {}, 'RECONNECTING…', 'RECONNECTING...'],
  ['offline', {}, 'OFFLINE · cached data 2 m 14 s old', 'OFFLINE - Using cached data'],
  ['offline', { since: null }, 'OFFLINE no data yet', 'OFFLINE - No data yet'],
  ['not_entitled', {}, 'NOT ENTITLED', 'NOT ENTITLED - The provider refused this token'],
  ['disabled', {}, 'STREAMING DISABLED', 'STREAMING DISABLED'],
  ['refused', {}, 'REFUSED', 'REFUSED - The server does not serve this page'],
])('%s %j reads %s, in full %s', (condition, changes, words, title) => {
  expect(pill(condition, changes)).toBe(words)
  expect(pillWords(view(condition, changes), now).title).toBe(title)
})

test('A live page without a round trip yet is just live', () => {
  expect(pill('live', { stats: { ...view('live').stats, roundTripMs: null } })).toBe('LIVE')
})

test('A live page says how many of its feeds bring nothing', () => {
  const { word, more } = pillWords(view('live'), now, { silent: 2, of: 9 })
  expect([word, more]).toEqual(['LIVE', '2 of 9 feeds silent'])
})

test('Notices say what, since when and what happens next', () => {
  const said = (condition: Condition, changes: Partial<StatusView> = {}): string | undefined => {
    const words = noticeWords(view(condition, changes))
    return words === null ? undefined : [words.subject, words.body, words.code].filter(Boolean).join(' ')
  }
  expect(said('live')).toBeUndefined()
  expect(said('connecting')).toBeUndefined()
  expect(said('demo')).toBe(
    'Simulated market. Nothing here was traded. To see the real one, start with UW_API_TOKEN=… ./run.sh',
  )
  expect(said('reconnecting')).toBe(
    'Connection lost at 14:18:48. Rows missed meanwhile are fetched on return; anything that cannot be fetched is marked as a gap.',
  )
  expect(said('offline')).toBe(
    'The server does not answer since 14:18:48. You see cached data. It does not change until the connection is back.',
  )
  const refused = parseServerStatus({
    status: 'not_entitled',
    uw_connection: { reason: 'HTTP 401 Unauthorized' },
  })
  expect(said('not_entitled', { status: refused, nextAttemptAt: now + 300_000 })).toBe(
    'The provider refused this token at 14:18:48 with 401. No new rows until it is accepted. Tidewire asks again at 14:26:02.',
  )
  const closed = parseServerStatus({
    status: 'not_entitled',
    uw_connection: { reason: 'closed with code 4401' },
  })
  expect(said('not_entitled', { status: closed })).toContain('with 4401.')
  expect(said('disabled')).toContain('TIDEWIRE_UPSTREAM=auto ./run.sh')
})

test('Only what this page can do at once is offered', () => {
  const waiting = { ...view('live').link, state: 'offline' as const }
  expect(noticeWords(view('reconnecting'))?.canRetry).toBe(false)
  expect(noticeWords(view('reconnecting', { link: waiting }))?.canRetry).toBe(true)
  expect(noticeWords(view('offline', { link: waiting }))?.canRetry).toBe(true)
})

test('An empty tape says why, where rows cannot come', () => {
  expect((['live', 'demo', 'connecting'] as const).map(condition => emptyWords(condition))).toEqual([
    null,
    null,
    null,
  ])
  expect(emptyWords('offline')?.body).toContain('does not answer')
})

test('The popover lists both connections', () => {
  const status = parseServerStatus({
    status: 'disconnected',
    version: '0.1.0',
    total_clients: 3,
    uw_connection: {
      attempt: 3,
      reason: 'connection refused',
      subscribed_channels: ['flow-alerts'],
      last_frame_at: new Date(now - 9_000).toISOString(),
    },
  })
  const listed = Object.fromEntries(
    facts(view('reconnecting', { status, attempt: 3, nextAttemptAt: now + 4_000 }), now),
  )
  expect(listed).toMatchObject({
    Upstream: 'disconnected',
    Attempt: 'attempt 3, next in 4\u2009s',
    Reason: 'connection refused',
    Channels: 'flow-alerts',
    'Last frame': '9\u2009s ago',
    'Round trip': '12\u2009ms',
    Clients: '3',
    Data: 'real',
    Server: 'Tidewire 0.1.0',
  })
})
