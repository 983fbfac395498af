import { TidewireClient } from '@tidewire/sdk'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Cell } from '../../stream/Cell'
import { type Link, PageLink } from '../../stream/Link'
import { ServerClock } from '../../stream/ServerClock'
import { parseServerStatus } from './ServerStatus'
import { type Condition, conditionOf, StatusStore } from './StatusStore'

const open: Link = {
  state: 'connected',
  attempt: 0,
  retryAt: null,
  wire: 'websocket',
  wasConnected: true,
  fault: null,
}
const lost: Link = { ...open, state: 'offline', attempt: 2 }
const first: Link = { ...open, state: 'connecting', wasConnected: false }
const ended: Link = { ...open, state: 'closed', fault: 'Not allowed.' }
const { stats } = new PageLink(new TidewireClient({ url: 'http://test' }))
const answer = (status: string, upstream: object = {}, more: object = {}): unknown => ({
  status,
  simulated: status === 'simulated',
  version: '0.1.0',
  server_time: new Date().toISOString(),
  uw_connection: { attempt: 0, subscribed_channels: ['flow-alerts'], ...upstream },
  client_connections: { 'flow-alerts': 3 },
  total_clients: 3,
  ...more,
})

test.each<[string, object, boolean | null, Link, boolean, Condition]>([
  ['connected', {}, true, open, true, 'live'],
  ['simulated', {}, true, open, true, 'demo'],
  ['connecting', {}, true, open, false, 'connecting'],
  ['connecting', { attempt: 3 }, true, open, false, 'reconnecting'],
  ['connecting', {}, true, open, true, 'reconnecting'],
  ['disconnected', {}, true, open, false, 'reconnecting'],
  ['not_entitled', {}, true, open, true, 'not_entitled'],
  ['disabled', {}, true, open, false, 'disabled'],
  ['connected', {}, true, lost, true, 'reconnecting'],
  ['connected', {}, true, first, false, 'connecting'],
  ['not_entitled', {}, true, lost, true, 'not_entitled'],
  ['connected', {}, false, lost, true, 'offline'],
  ['connected', {}, false, open, true, 'live'],
  ['connected', {}, true, ended, true, 'refused'],
  ['connected', {}, false, ended, true, 'offline'],
])(
  '%s %j, answering %s, link %#: the page is …',
  (state, upstream, answering, link, wasFlowing, condition) => {
    const status = parseServerStatus(answer(state, upstream))
    expect(status).not.toBeNull()
    expect(conditionOf({ status, answering, link, wasFlowing })).toBe(condition)
  },
)

test('Before anything is known the page connects; a server that never answered is offline', () => {
  expect(conditionOf({ status: null, answering: null, link: first, wasFlowing: false })).toBe('connecting')
  expect(conditionOf({ status: null, answering: false, link: lost, wasFlowing: false })).toBe('offline')
})

test.each([null, 'ok', [], {}, { status: 'fine' }, { status: 3 }])('%j is no status', body => {
  expect(parseServerStatus(body)).toBeNull()
})

test('A status may leave out what it likes', () => {
  expect(parseServerStatus({ status: 'connected' })).toMatchObject({
    version: null,
    totalClients: null,
    upstream: { attempt: 0, channels: [], since: null },
  })
})

describe('The store', () => {
  const start = Date.UTC(2026, 10, 20, 19, 20)
  let link: Cell<Link>
  let store: StatusStore
  let reply: () => unknown
  let asked: number

  beforeEach(() => {
    vi.useFakeTimers({ now: start })
    link = new Cell(open)
    asked = 0
    reply = () => answer('connected')
    store = new StatusStore(
      {
        ask: async () => {
          asked++
          return reply()
        },
      },
      Object.assign(link, { stats }),
      new ServerClock(),
    )
    store.start()
  })
  afterEach(() => {
    store.stop()
    vi.useRealTimers()
  })
  const refuse = (): never => {
    throw new TypeError('Failed to fetch')
  }

  test('asks at once and then every second, until it is stopped', async () => {
    await vi.advanceTimersByTimeAsync(3_000)
    expect(asked).toBe(4)
    store.stop()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(asked).toBe(4)
  })

  test('is offline since the last answer, and back with the next one', async () => {
    await vi.advanceTimersByTimeAsync(2_000)
    reply = refuse
    link.set(lost)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(store.get()).toMatchObject({ condition: 'offline', since: start + 2_000 })
    reply = () => answer('connected')
    link.set(open)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(store.get().condition).toBe('live')
  })

  test('asks at once when the socket is lost', async () => {
    await vi.advanceTimersByTimeAsync(500)
    reply = refuse
    link.set(lost)
    await vi.advanceTimersByTimeAsync(0)
    expect(store.get().condition).toBe('offline')
  })

  test('counts the provider’s attempts while upstream is down, its own while the socket is', async () => {
    const next = new Date(start + 9_000).toISOString()
    reply = () =>
      answer('disconnected', {
        attempt: 3,
        next_attempt_at: next,
        since: new Date(start + 500).toISOString(),
      })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(store.get()).toMatchObject({ condition: 'reconnecting', attempt: 3, nextAttemptAt: start + 9_000 })
    reply = () => answer('connected')
    link.set({ ...lost, retryAt: start + 4_000 })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(store.get()).toMatchObject({ condition: 'reconnecting', attempt: 2, nextAttemptAt: start + 4_000 })
  })

  test('remembers when a connection was lost, however often it is tried', async () => {
    await vi.advanceTimersByTimeAsync(1_000)
    reply = () => answer('disconnected', { attempt: 1, since: new Date().toISOString() })
    await vi.advanceTimersByTimeAsync(1_000)
    const { since } = store.get()
    reply = () => answer('connecting', { attempt: 2, since: new Date().toISOString() })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(store.get()).toMatchObject({ condition: 'reconnecting', since })
  })

  test('takes an answer that never comes for none', async () => {
    reply = () => new Promise(() => undefined)
    link.set(lost)
    store.stop()
    const silent = new StatusStore(
      {
        ask: signal =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
      },
      Object.assign(link, { stats }),
      new ServerClock(),
    )
    silent.start()
    await vi.advanceTimersByTimeAsync(4_000)
    expect(silent.get().condition).toBe('offline')
    silent.stop()
  })

  test('knows what the server said last, when the page is opened while it is away', async () => {
    store.stop()
    const at = start - 134_000
    const kept = { get: async () => ({ at, body: answer('simulated') }), put: () => undefined }
    const opened = new StatusStore(
      { ask: async () => refuse(), kept },
      Object.assign(new Cell(first), { stats }),
      new ServerClock(),
    )
    opened.start()
    await vi.advanceTimersByTimeAsync(0)
    expect(opened.get()).toMatchObject({ condition: 'offline', since: at, status: { simulated: true } })
    opened.stop()
  })

  test('keeps what the server says, every few seconds', async () => {
    store.stop()
    const kept: unknown[] = []
    const keeping = new StatusStore(
      {
        ask: async () => answer('connected'),
        kept: { get: async () => undefined, put: value => kept.push(value) },
      },
      Object.assign(new Cell(open), { stats }),
      new ServerClock(),
    )
    keeping.start()
    await vi.advanceTimersByTimeAsync(10_000)
    keeping.stop()
    expect(kept).toHaveLength(3)
    expect(kept.at(-1)).toMatchObject({ at: start + 10_000, body: { status: 'connected' } })
  })
})
