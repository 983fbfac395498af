// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ScriptedServer } from '../../testing/ScriptedServer'
import { TidewireClient, type TidewireOptions } from '../index'
import { TabHub } from './TabHub'

let server: ScriptedServer
let hubs: Map<string, TabHub>
let clients: TidewireClient[]
let ports: MessagePort[]

/** The browser's side of a shared worker: one hub for all that name it alike. */
class FakeSharedWorker {
  onerror: (() => void) | null = null
  readonly port: MessagePort
  constructor(_url: URL, { name }: { name: string }) {
    const { port1, port2 } = new MessageChannel()
    const hub = hubs.get(name) ?? new TabHub()
    hubs.set(name, hub)
    ports.push(port1, port2)
    this.port = port1
    hub.add(port2)
  }
}

beforeEach(() => {
  server = new ScriptedServer()
  hubs = new Map()
  clients = []
  ports = []
  vi.stubGlobal('WebSocket', server.WebSocket)
  vi.stubGlobal('fetch', server.fetch)
  vi.stubGlobal('SharedWorker', FakeSharedWorker)
})
afterEach(() => {
  for (const client of clients) client.close()
  for (const port of ports) port.close()
  vi.unstubAllGlobals()
})

function tab(options: TidewireOptions = {}): { client: TidewireClient; seen: number[]; read: () => void } {
  const client = new TidewireClient({ url: 'http://test', ...options })
  clients.push(client)
  const seen: number[] = []
  return {
    client,
    seen,
    read: () => client.subscribe('news').on('publication', ({ offset }) => seen.push(offset)),
  }
}

const openSockets = (): number => server.sockets.filter(socket => socket.isOpen).length

async function connected(...tabs: { client: TidewireClient }[]): Promise<void> {
  await vi.waitFor(() => {
    for (const { client } of tabs)
      expect(client.state).toMatchObject({ state: 'connected', wire: 'websocket' })
  })
}

/** Until every tab's subscription stands. */
async function joined(...tabs: { client: TidewireClient; read: () => void }[]): Promise<void> {
  for (const one of tabs) {
    one.read()
    await connected(one)
    await vi.waitFor(() => expect(server.heardOf('subscribe').length).toBeGreaterThan(0))
  }
  const confirmed = tabs.map(
    ({ client }) => new Promise(resolve => client.subscribe('news').on('subscribed', resolve)),
  )
  await Promise.all(confirmed)
}

test('Ten tabs have one connection, and each gets everything once', async () => {
  const tabs = Array.from({ length: 10 }, () => tab())
  await joined(...tabs)
  server.publish('news', 1, 2, 3)
  await vi.waitFor(() => {
    for (const { seen } of tabs) expect(seen).toEqual([1, 2, 3])
  })
  expect([openSockets(), hubs.size]).toEqual([1, 1])
})

test('A token is never part of a name; another identity has another connection', async () => {
  const subject = (sub: string, salt: string): string => `${salt}.${btoa(JSON.stringify({ sub }))}.secret`
  const tabs = [
    tab({ token: subject('me', 'a') }),
    tab({ token: subject('me', 'b') }),
    tab({ token: subject('you', 'a') }),
    tab({ token: 'opaque-secret' }),
  ]
  for (const one of tabs) one.read()
  await connected(...tabs)
  expect(hubs.size).toBe(3)
  for (const name of hubs.keys()) expect(name).not.toMatch(/secret|me"|eyJ/)
})

test('A tab that closes costs the others nothing, and the last one ends the connection', async () => {
  const [first, second] = [tab(), tab()]
  await joined(first, second)
  first.client.close()
  server.publish('news', 1)
  await vi.waitFor(() => expect(second.seen).toEqual([1]))
  expect(first.seen).toEqual([])
  second.client.close()
  await vi.waitFor(() => expect(openSockets()).toBe(0))
})

test('A tab that was taken for dead goes on where it was: nothing lost, nothing twice', async () => {
  const [one, other] = [tab(), tab()]
  await joined(one, other)
  server.publish('news', 1)
  await vi.waitFor(() => expect(one.seen).toEqual([1]))
  window.dispatchEvent(new Event('pagehide'))
  await vi.waitFor(() => expect(openSockets()).toBe(0))
  server.publish('news', 2)
  window.dispatchEvent(new Event('pageshow'))
  await vi.waitFor(() => {
    expect(one.seen).toEqual([1, 2])
    expect(other.seen).toEqual([1, 2])
  })
  expect(openSockets()).toBe(1)
})

test('A tab knows what the connection of all measures, and how often it came back', async () => {
  const one = tab()
  await joined(one)
  await vi.waitFor(() => expect(one.client.getStats().roundTripMs).not.toBe(null), 3000)
  const { messagesSent } = one.client.getStats()
  expect(messagesSent).toBeGreaterThan(0)
  expect(one.client.getStats().reconnects).toBe(0)
  server.live.breaks()
  await vi.waitFor(() => expect(one.client.getStats().reconnects).toBe(1), 3000)
})

test('A tab that takes nothing is sent no more than it has room for, and later gets all of it', async () => {
  const one = tab({ maxQueueSize: 20 })
  const subscription = one.client.subscribe('news')
  await connected(one)
  await vi.waitFor(() => expect(server.live.channels.has('news')).toBe(true))
  for (let offset = 1; offset <= 500; offset++) server.publish('news', offset)
  await vi.waitFor(() => expect(subscription.queueSize).toBe(20))
  expect(server.live.channels.has('news')).toBe(false)
  const seen: number[] = []
  subscription.on('publication', ({ offset }) => seen.push(offset))
  await vi.waitFor(() => expect(seen.length).toBe(500), 5000)
  expect(seen).toEqual(Array.from({ length: 500 }, (_, i) => i + 1))
})

test('The token callback of a tab is asked for the connection of all', async () => {
  const tokens = ['first', 'second']
  const one = tab({ token: async () => tokens[0] ?? null })
  one.read()
  await connected(one)
  expect(server.heardOf('auth').map(({ token }) => token)).toEqual(['first'])
  tokens.shift()
  server.live.breaks(4010)
  await vi.waitFor(() =>
    expect(server.heardOf('auth').map(({ token }) => token)).toEqual(['first', 'second']),
  )
})

test('Signing out ends it for every tab', async () => {
  const [one, other] = [tab(), tab()]
  await joined(one, other)
  const errors: string[] = []
  other.client.subscribe('news').on('error', ({ message }) => errors.push(message))
  one.client.logout()
  await vi.waitFor(() => expect(other.client.state.state).toBe('closed'))
  expect([one.client.state.state, openSockets(), errors]).toEqual([
    'closed',
    0,
    ['Signed out in another tab.'],
  ])
})

test('What the server refuses is told to the tab that asked', async () => {
  server.refused.set('nope', 'No feed is called nope')
  const one = tab()
  const errors: string[] = []
  one.client.subscribe('nope').on('error', ({ message }) => errors.push(message))
  await vi.waitFor(() => expect(errors).toEqual(['No feed is called nope']))
})

test('Where nothing can be shared the client has a connection of its own', async () => {
  vi.stubGlobal('SharedWorker', undefined)
  vi.stubGlobal('BroadcastChannel', undefined)
  const one = tab()
  await joined(one)
  server.publish('news', 1)
  expect([one.seen, openSockets(), hubs.size]).toEqual([[1], 1, 0])
})

test('A worker that fails to load is as good as none', async () => {
  vi.stubGlobal('BroadcastChannel', undefined)
  vi.stubGlobal(
    'SharedWorker',
    class {
      onerror: (() => void) | null = null
      readonly port = new MessageChannel().port1
      constructor() {
        ports.push(this.port)
        setTimeout(() => this.onerror?.(), 0)
      }
    },
  )
  const one = tab()
  await joined(one)
  server.publish('news', 1)
  expect(one.seen).toEqual([1])
})
