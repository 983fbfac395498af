import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ScriptedServer } from '../testing/ScriptedServer'
import type { StreamEvent } from './events'
import { type Subscription, TidewireClient, type TidewireOptions } from './index'

let server: ScriptedServer
let client: TidewireClient

beforeEach(() => {
  vi.useFakeTimers()
  server = new ScriptedServer()
})
afterEach(() => {
  client.close()
  vi.useRealTimers()
})

function connect(options: TidewireOptions = {}): TidewireClient {
  const { WebSocket, fetch } = server
  client = new TidewireClient({ url: 'http://test', WebSocket, fetch, random: () => 0.5, ...options })
  return client
}

const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

function short(event: StreamEvent): string {
  switch (event.type) {
    case 'publication':
      return `${event.history ? 'h' : ''}${event.offset}`
    case 'missed':
      return `missed ${event.from}-${event.to}`
    case 'subscribed':
      return `subscribed ${event.offset} ${event.recovered}`
    case 'reset':
      return `reset ${event.offset}`
    case 'gap':
      return `${event.history ? 'h' : ''}gap ${event.offset}`
  }
}

function watch(subscription: Subscription): string[] {
  const seen: string[] = []
  subscription.on('event', event => seen.push(short(event)))
  return seen
}

/** Without the confirmations. */
const entries = (seen: string[]): string[] => seen.filter(text => !text.startsWith('subscribed'))

test('A channel is read from where it stands, and its events come in order', async () => {
  server.publish('news', 1, 2)
  const seen = watch(connect().subscribe('news'))
  await settle()
  server.publish('news', 3, 4)
  expect(seen).toEqual(['subscribed 2 false', '3', '4'])
  expect(client.state).toMatchObject({ state: 'connected', wire: 'websocket' })
})

test('A gap of the past is shown with the past, and moves nobody', async () => {
  server.publish('news', 1, 2)
  server.message = (channel, { offset, data }) => ({
    ...(offset === 1 ? { type: 'gap', reason: 'silent' } : { type: 'message', data, source: 'socket' }),
    channel,
    offset,
    timestamp: '',
  })
  const subscription = connect().subscribe('news', { history: 10 })
  const seen = watch(subscription)
  await settle()
  expect(seen).toEqual(['subscribed 2 false', 'hgap 1', 'h2'])
  expect(subscription.position).toEqual({ epoch: 'e1', offset: 2 })
})

test('After a loss every channel goes on where it was: nothing lost, nothing twice', async () => {
  connect()
  const seen = ['news', 'flow-alerts'].map(channel => watch(client.subscribe(channel)))
  await settle()
  for (const channel of ['news', 'flow-alerts']) server.publish(channel, 1, 2)
  server.live.breaks()
  for (const channel of ['news', 'flow-alerts']) server.publish(channel, 3)
  expect(client.state.state).toBe('offline')
  await settle(400)
  for (const channel of ['news', 'flow-alerts']) server.publish(channel, 4)
  for (const events of seen)
    expect(events).toEqual(['subscribed 0 false', '1', '2', 'subscribed 2 true', '3', '4'])
  expect(client.getStats()).toMatchObject({ reconnects: 1, duplicates: 0, connected: true })
})

test('A position that is gone is a reset with its reason, and the stream goes on from there', async () => {
  const subscription = connect().subscribe('news', { since: { epoch: 'e0', offset: 5 } })
  const reasons: string[] = []
  subscription.on('reset', event => reasons.push(event.reason))
  server.publish('news', 1)
  await settle()
  server.publish('news', 2)
  expect(reasons).toEqual(['it is gone'])
  expect(subscription.position).toEqual({ epoch: 'e1', offset: 2 })
})

test('What comes twice is shown once and counted; a hole is told and asked for again', async () => {
  const seen = watch(connect().subscribe('news'))
  await settle()
  server.publish('news', 1)
  server.live.says(server.message('news', { offset: 1, data: 1 }))
  const [socket] = server.sockets
  socket?.channels.delete('news')
  server.publish('news', 2, 3)
  socket?.channels.add('news')
  server.publish('news', 4)
  expect(seen).toEqual(['subscribed 0 false', '1', 'missed 2-3', 'subscribed 1 true', '2', '3', '4'])
  expect(client.getStats().duplicates).toBe(1)
  expect(server.heard.map(({ type }) => type)).toEqual(['subscribe', 'unsubscribe', 'subscribe'])
})

test('Two that read one channel share it; the later one gets its past and then goes on with the first', async () => {
  server.publish('news', 1, 2, 3)
  connect()
  const first = watch(client.subscribe('news'))
  await settle()
  server.publish('news', 4)
  const second = watch(client.subscribe('news', { history: 2 }))
  await settle()
  server.publish('news', 5)
  expect(first).toEqual(['subscribed 3 false', '4', '5'])
  expect(entries(second)).toEqual(['h3', 'h4', '5'])
  expect(server.sockets.length).toBe(1)
})

test('One that begins further back does not disturb the other', async () => {
  server.publish('news', 1, 2, 3)
  connect()
  const first = watch(client.subscribe('news'))
  await settle()
  const second = watch(client.subscribe('news', { since: { epoch: 'e1', offset: 1 } }))
  await settle()
  server.publish('news', 4)
  expect(entries(first)).toEqual(['4'])
  expect(entries(second)).toEqual(['2', '3', '4'])
})

test('One whose position is gone does not cost the other anything', async () => {
  server.publish('news', 1, 2, 3)
  connect()
  const first = watch(client.subscribe('news', { since: { epoch: 'e1', offset: 2 } }))
  await settle()
  server.oldest = 2
  const second = watch(client.subscribe('news', { since: { epoch: 'e1', offset: 1 } }))
  await settle()
  server.publish('news', 4)
  expect(entries(first)).toEqual(['3', '4'])
  expect(entries(second)).toEqual(['reset 3', '4'])
})

test('The same channel with another filter has a connection of its own, and ends with it', async () => {
  connect().subscribe('news')
  const other = client.subscribe('news', { filter: 'a > 1' })
  await settle()
  expect(server.sockets.filter(socket => socket.isOpen).length).toBe(2)
  other.unsubscribe()
  expect(server.sockets.filter(socket => socket.isOpen).length).toBe(1)
})

test('A slow consumer of an event feed gets everything, and no more than the queue holds waits', async () => {
  const subscription = connect({ maxQueueSize: 10 }).subscribe('news')
  await settle()
  const seen: number[] = []
  for (let offset = 1; offset <= 100; offset++) {
    server.publish('news', offset)
    expect(subscription.queueSize).toBeLessThanOrEqual(11)
  }
  expect(subscription.isHeld).toBe(true)
  expect(server.live.channels.has('news')).toBe(false)
  subscription.on('publication', event => seen.push(event.offset))
  await settle()
  expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
})

test('A slow consumer of a state feed gets the newest of each key, and the rest is counted', async () => {
  const subscription = connect({ maxQueueSize: 10 }).subscribe('gex_strike:SPY')
  await settle()
  for (let n = 1; n <= 100; n++) server.publish('gex_strike:SPY', { ticker: 'SPY', strike: n % 3, n })
  const rule: number[] = []
  const newest = new Map<unknown, unknown>()
  let previous = 0
  subscription.on('publication', ({ offset, merged, filtered, data }) => {
    rule.push(offset - previous - 1 - merged - filtered)
    previous = offset
    const { strike, n } = data as { strike: number; n: number }
    newest.set(strike, n)
  })
  expect(previous).toBe(100)
  expect(new Set(rule)).toEqual(new Set([0]))
  expect(rule.length).toBeLessThanOrEqual(10)
  expect(Object.fromEntries(newest)).toEqual({ 0: 99, 1: 100, 2: 98 })
})

test('A loop over a subscription gives every event, and leaving it unsubscribes', async () => {
  const subscription = connect().subscribe('news')
  const seen: string[] = []
  const loop = (async () => {
    for await (const event of subscription) {
      seen.push(short(event))
      if (seen.length === 3) break
    }
  })()
  await settle()
  server.publish('news', 1, 2, 3)
  await settle()
  await loop
  expect(seen).toEqual(['subscribed 0 false', '1', '2'])
  expect([subscription.isEnded, client.getStats().subscriptions]).toEqual([true, []])
})

test('What the server refuses ends the subscription with its words, and nothing else', async () => {
  server.refused.set('nope', 'No feed is called nope')
  const seen = watch(connect().subscribe('news'))
  const refused = client.subscribe('nope')
  await settle()
  await expect(refused[Symbol.asyncIterator]().next()).rejects.toThrow('No feed is called nope')
  server.publish('news', 1)
  expect(entries(seen)).toEqual(['1'])
  expect(client.state.state).toBe('connected')
})

test.each([1008, 1009, 4001, 4003])('After %i it stops, and says why', async code => {
  connect().subscribe('news')
  const errors: number[] = []
  client.on('error', error => errors.push(error.code))
  await settle()
  server.live.breaks(code, 'told so')
  await settle(60_000)
  expect([client.state.state, errors, server.sockets.length]).toEqual(['closed', [code], 1])
})

test('After 4010 the token callback is asked, and the subscription goes on', async () => {
  const tokens = ['first', 'second']
  const seen = watch(connect({ token: async () => tokens.shift() ?? null }).subscribe('news'))
  await settle()
  server.publish('news', 1)
  server.live.breaks(4010)
  server.publish('news', 2)
  await settle(400)
  expect(server.heardOf('auth').map(({ token }) => token)).toEqual(['first', 'second'])
  expect(entries(seen)).toEqual(['1', '2'])
})

test('A token that cannot be renewed stops the client when it has expired', async () => {
  connect({ token: 'once' }).subscribe('news')
  const errors: string[] = []
  client.on('error', ({ message }) => errors.push(message))
  await settle()
  server.live.breaks(4010)
  expect(client.state.state).toBe('closed')
  expect(errors.join()).toContain('make the option token a function')
  expect(errors.join()).not.toContain('once')
})

test('A renewed token is sent on the same socket before the old one expires', async () => {
  const jwt = (): string => `x.${btoa(JSON.stringify({ exp: Math.floor(Date.now() / 1000) + 60 }))}.y`
  connect({ token: async () => jwt() }).subscribe('news')
  await settle(31_000)
  expect(server.heardOf('auth').length).toBe(2)
  expect(server.sockets.length).toBe(1)
})

test('A socket that is silent is asked, and one that does not answer is replaced', async () => {
  connect({ heartbeatInterval: 10_000, heartbeatTimeout: 5000 }).subscribe('news')
  await settle(35_000)
  expect(server.sockets.length).toBe(1)
  server.hear = () => undefined
  await settle(10_000 + 5000 + 5000)
  expect(server.sockets.length).toBeGreaterThan(1)
})

test('Where sockets do not open the poll takes over, and back to a socket when it opens: one stream all the while', async () => {
  server.opening = 'refuse'
  const seen = watch(connect({ upgradeInterval: 5000 }).subscribe('news'))
  await settle(4500)
  expect(client.state).toMatchObject({ state: 'connected', wire: 'poll' })
  server.publish('news', 1, 2)
  server.opening = 'open'
  await settle(6000)
  expect(client.state.wire).toBe('websocket')
  server.publish('news', 3)
  expect(entries(seen)).toEqual(['1', '2', '3'])
  expect(server.asked.some(path => path.startsWith('/api/stream/sse/news'))).toBe(true)
})

test('A disconnected client keeps its subscriptions, and goes on where it was', async () => {
  const seen = watch(connect().subscribe('news'))
  await settle()
  server.publish('news', 1)
  client.disconnect()
  server.publish('news', 2)
  await settle(5000)
  expect(server.sockets.length).toBe(1)
  client.connect()
  await settle()
  expect(entries(seen)).toEqual(['1', '2'])
})

test('A ticker is subscribed once however often it is asked for, and until it is no longer', async () => {
  connect()
  const first = client.subscribeTicker('aapl')
  expect(client.subscribeTicker('AAPL')).toBe(first)
  await settle()
  client.unsubscribeTicker('AAPL')
  expect(server.heard.map(({ type, channel }) => `${type} ${channel}`)).toEqual([
    'subscribe ticker:AAPL',
    'unsubscribe ticker:AAPL',
  ])
})

test('The rate that was asked for goes to state feeds, and to them only', async () => {
  connect({ maxMessagesPerSecond: 4 })
  client.subscribe('news')
  client.subscribe('gex:SPY')
  await settle()
  expect(server.heardOf('subscribe').map(message => message.max_rate)).toEqual([undefined, 4])
})

test('The figures are all there', async () => {
  connect()
    .subscribe('news')
    .on('event', () => undefined)
  await settle(1500)
  server.publish('news', 1)
  const stats = client.getStats()
  expect(Object.keys(stats).sort()).toEqual(
    [
      'connected',
      'reconnecting',
      'reconnectAttempts',
      'messagesReceived',
      'messagesSent',
      'updatesApplied',
      'reconnects',
      'errors',
      'lastMessageTime',
      'subscriptions',
      'queueSize',
      'pendingUpdates',
      'cacheSize',
      'roundTripMs',
      'clockSkewMs',
      'lagMs',
      'duplicates',
      'wire',
    ].sort(),
  )
  expect(stats).toMatchObject({
    connected: true,
    subscriptions: ['news'],
    lastMessageTime: new Date().toISOString(),
    messagesReceived: 4,
    messagesSent: 2,
    roundTripMs: 0,
    clockSkewMs: 0,
    wire: 'websocket',
    queueSize: 0,
  })
})

test('The lag is that of what came as it happened, and of nothing else', async () => {
  const at = new Date('2026-11-20T14:30:05.123Z').getTime()
  vi.setSystemTime(at)
  server.publish('news', 1)
  connect().subscribe('news', { history: 5 }, () => undefined)
  await settle(40)
  expect(client.getStats().lagMs).toBe(null)
  server.publish('news', 2)
  expect(client.getStats().lagMs).toBe(40)
  server.live.breaks()
  server.publish('news', 3)
  await settle(60_000)
  expect(client.getStats()).toMatchObject({ connected: true, reconnects: 1, lagMs: 40 })
})

test('The round trip is measured again on a stream that never pauses', async () => {
  connect({ heartbeatInterval: 10_000 }).subscribe('news', () => undefined)
  for (let second = 0; second < 25; second++) {
    await settle(1000)
    server.publish('news', second)
  }
  expect(server.heardOf('ping').length).toBe(3)
})

test('A listener that throws keeps no other from being told', async () => {
  const subscription = connect().subscribe('news')
  await settle()
  subscription.on('publication', () => {
    throw new Error('theirs')
  })
  const seen = watch(subscription)
  const tasks: (() => void)[] = []
  const queued = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(task => tasks.push(task))
  server.publish('news', 1)
  queued.mockRestore()
  expect(entries(seen)).toEqual(['1'])
  expect(tasks.length).toBe(1)
  expect(tasks[0]).toThrow('theirs')
})
