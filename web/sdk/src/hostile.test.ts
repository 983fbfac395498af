import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ScriptedServer } from '../testing/ScriptedServer'
import { TidewireClient, type TidewireOptions } from './index'

// What pages, machines and servers do to a client that nobody meant.
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

test('A token callback that never answers is asked again, and the wire is not blamed', async () => {
  const answers = [new Promise<string>(() => undefined), new Promise<string>(() => undefined), 'late']
  const token = vi.fn(async () => (await answers.shift()) ?? null)
  const errors: string[] = []
  connect({ token, connectTimeout: 2000 }).subscribe('news')
  client.on('error', ({ message }) => errors.push(message))
  await settle(8000)
  expect(token.mock.calls.length).toBe(3)
  expect(client.state).toMatchObject({ state: 'connected', wire: 'websocket' })
  expect(errors[0]).toContain('token')
})

test('A token callback that throws does not lead to a lesser wire', async () => {
  let fails = true
  const token = (): string => {
    if (fails) throw new Error('signed out')
    return 'a'
  }
  connect({ token }).subscribe('news')
  await settle(60_000)
  fails = false
  await settle(30_000)
  expect(client.state).toMatchObject({ state: 'connected', wire: 'websocket' })
  expect(server.asked).toEqual([])
})

test('A clock that is set back does not hide that a socket is dead', async () => {
  connect({ heartbeatInterval: 10_000, heartbeatTimeout: 5000 }).subscribe('news')
  await settle(5000)
  vi.setSystemTime(Date.now() - 3_600_000)
  server.hear = () => undefined
  await settle(30_000)
  expect(server.sockets.length).toBeGreaterThan(1)
  expect(client.getStats().roundTripMs).toBeGreaterThanOrEqual(0)
})

test('Two that read one subscription at once share what comes', async () => {
  const subscription = connect().subscribe('news')
  const iterator = subscription[Symbol.asyncIterator]()
  const three = Promise.all([iterator.next(), iterator.next(), iterator.next()])
  await settle()
  server.publish('news', 1, 2)
  await settle()
  const seen = (await three).map(({ value }) => value.offset)
  expect(seen).toEqual([0, 1, 2])
})

test('The past is shown whole, however small the queue', async () => {
  server.publish('news', ...Array.from({ length: 40 }, (_, i) => i))
  const subscription = connect({ maxQueueSize: 10 }).subscribe('news', { history: 30 })
  await settle()
  const seen: number[] = []
  subscription.on('publication', ({ offset }) => seen.push(offset))
  server.publish('news', 41)
  await settle()
  expect(seen).toEqual(Array.from({ length: 31 }, (_, i) => i + 11))
})

test('A server that greets and hangs up is not hammered', async () => {
  connect({ wires: ['websocket'], random: () => 1 })
  client.on('state', ({ state }) => {
    if (state === 'connected') queueMicrotask(() => server.live.breaks(1001))
  })
  client.subscribe('news')
  server.hear = () => undefined
  await settle(60_000)
  expect(server.sockets.length).toBeLessThan(15)
})

test('A server that speaks of two epochs at once is not asked without pause', async () => {
  connect().subscribe('news')
  await settle()
  const hear = server.hear.bind(server)
  server.hear = (socket, message) => {
    hear(socket, message)
    if (message.type === 'subscribe')
      setTimeout(() => socket.says({ type: 'message', channel: 'news', epoch: 'e9', offset: 1, data: 1 }), 5)
  }
  server.live.says({ type: 'message', channel: 'news', epoch: 'e9', offset: 1, data: 1 })
  await settle(5000)
  expect(server.heardOf('subscribe').length).toBeLessThan(10)
})

test('A confirmation that cannot be read is asked for again', async () => {
  const seen: number[] = []
  connect()
    .subscribe('news')
    .on('publication', ({ offset }) => seen.push(offset))
  const hear = server.hear.bind(server)
  server.hear = (socket, message) => {
    if (message.type !== 'subscribe') return hear(socket, message)
    server.hear = hear
    socket.says({
      type: 'subscription',
      action: 'subscribed',
      channel: 'news',
      epoch: 7,
      offset: 'x',
      id: message.id,
    })
  }
  await settle(15_000)
  server.publish('news', 1)
  expect(seen).toEqual([1])
})

test('A channel that is quiet over a thousand reconnections fills no memory', async () => {
  const subscription = connect({ reconnectDelay: 1, maxReconnectDelay: 1 }).subscribe('news')
  await settle()
  for (let i = 0; i < 1000; i++) {
    server.live.breaks()
    await settle(2)
  }
  expect(subscription.queueSize).toBeLessThan(5)
})

test('A client that is turned away for good ends the loops that read from it', async () => {
  const subscription = connect().subscribe('news')
  const reading = (async () => {
    for await (const event of subscription) void event
  })()
  const ended = expect(reading).rejects.toMatchObject({ code: 4001 })
  await settle()
  server.live.breaks(4001, 'no')
  await settle()
  await ended
  expect(client.state.state).toBe('closed')
})

test('A key of the program that throws loses nothing', async () => {
  const key = (): string => {
    throw new Error('theirs')
  }
  const subscription = connect({ maxQueueSize: 10 }).subscribe('own_state', { key })
  await settle()
  const surfaced = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(
    run =>
      void Promise.resolve()
        .then(run)
        .catch(() => undefined),
  )
  for (let n = 1; n <= 30; n++) server.publish('own_state', n)
  expect(surfaced).toHaveBeenCalled()
  const seen: number[] = []
  subscription.on('publication', ({ offset, merged }) => seen.push(offset - merged))
  await settle()
  expect(seen).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
  surfaced.mockRestore()
})

test('Subscribing and leaving a thousand times in a listener leaves one subscription', async () => {
  connect()
  const seen: number[] = []
  let churned = false
  client.subscribe('news').on('publication', ({ offset }) => {
    if (!churned)
      for (let i = 0; i < 1000; i++) client.subscribe('news', i % 2 ? {} : { history: 1 }).unsubscribe()
    churned = true
    seen.push(offset)
  })
  await settle()
  server.publish('news', 1, 2)
  await settle()
  server.publish('news', 3)
  expect(seen).toEqual([1, 2, 3])
  expect(client.getStats().subscriptions).toEqual(['news'])
})

test('A listener that leaves the channel in mid-frame is shown nothing more of it', async () => {
  const seen: number[] = []
  const subscription = connect().subscribe('news')
  subscription.on('publication', ({ offset }) => {
    seen.push(offset)
    subscription.unsubscribe()
  })
  await settle()
  server.live.says(
    server.message('news', { offset: 1, data: 1 }),
    server.message('news', { offset: 2, data: 2 }),
  )
  expect(seen).toEqual([1])
})

test('After ten minutes of sleep it finds the socket dead and goes on where it was', async () => {
  const seen: number[] = []
  connect()
    .subscribe('news')
    .on('publication', ({ offset }) => seen.push(offset))
  await settle()
  server.publish('news', 1)
  // Asleep no timer runs; the server has closed meanwhile and nobody was told.
  const asleep = server.live
  asleep.isOpen = false
  asleep.send = () => undefined
  vi.setSystemTime(Date.now() + 600_000)
  server.publish('news', 2, 3)
  await settle(40_000)
  expect(seen).toEqual([1, 2, 3])
})

test('Two clients in one page do not get in each other’s way', async () => {
  const other = new TidewireClient({ url: 'http://test', WebSocket: server.WebSocket, fetch: server.fetch })
  const seen: number[] = []
  other.subscribe('news').on('publication', ({ offset }) => seen.push(offset))
  connect().subscribe('news')
  await settle()
  server.publish('news', 1)
  client.close()
  server.publish('news', 2)
  expect(seen).toEqual([1, 2])
  other.close()
})
