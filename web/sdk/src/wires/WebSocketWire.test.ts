import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ScriptedServer } from '../../testing/ScriptedServer'
import { TidewireClient } from '../index'

const Batching = ['tidewire.v1.json']
let server: ScriptedServer
let client: TidewireClient
let seen: number[]

beforeEach(() => {
  vi.useFakeTimers()
  server = new ScriptedServer()
  seen = []
})
afterEach(() => {
  client.close()
  vi.useRealTimers()
})

function connect(): void {
  const { WebSocket, fetch } = server
  client = new TidewireClient({ url: 'http://test', WebSocket, fetch, random: () => 0.5 })
  client.subscribe('news').on('publication', ({ offset }) => seen.push(offset))
}

const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

test('Several messages to a frame are asked for, on every connection', async () => {
  connect()
  await settle()
  server.publish('news', 1)
  server.live.breaks()
  await settle(400)
  server.publish('news', 2)
  expect(server.offered).toEqual([Batching, Batching])
  expect(seen).toEqual([1, 2])
})

test('A server that answers no subprotocol, to which a browser does not connect, is asked again without', async () => {
  server.answersSubprotocols = false
  connect()
  await settle()
  expect(client.state.state).not.toBe('connected')
  await settle(400)
  expect(client.state).toMatchObject({ state: 'connected', wire: 'websocket' })
  server.publish('news', 1)
  server.live.breaks()
  await settle(2000)
  server.publish('news', 2)
  expect(client.state).toMatchObject({ state: 'connected', wire: 'websocket' })
  expect(server.offered).toEqual([Batching, [], Batching, []])
  expect(seen).toEqual([1, 2])
})

test('One that does not open either way still leads to the next wire after two attempts', async () => {
  server.opening = 'refuse'
  connect()
  await settle(2000)
  expect(server.offered).toEqual([Batching, []])
  expect(server.asked[0]).toContain('/api/stream/sse/news')
})
