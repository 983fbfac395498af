// @vitest-environment jsdom
import { TidewireClient } from '@tidewire/sdk'
import { act, type ReactNode, StrictMode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ScriptedServer } from '../testing/ScriptedServer'
import { TidewireProvider, useConnection, useStream, useStreamingData, useWebSocket } from './index'

let server: ScriptedServer
let client: TidewireClient
let root: Root
let box: HTMLElement

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'requestAnimationFrame'],
  })
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
  server = new ScriptedServer()
  client = new TidewireClient({ url: 'http://test', WebSocket: server.WebSocket, fetch: server.fetch })
  box = document.createElement('div')
  root = createRoot(box)
})
afterEach(() => {
  act(() => root.unmount())
  client.close()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function show(content: ReactNode): Promise<void> {
  await act(async () => {
    root.render(<TidewireProvider client={client}>{content}</TidewireProvider>)
    await vi.advanceTimersByTimeAsync(50)
  })
}

const frame = (): Promise<void> => act(async () => void (await vi.advanceTimersByTimeAsync(20)))

test('A burst of publications is one render', async () => {
  let renders = 0
  function Count(): ReactNode {
    renders++
    return useStream('news').events.filter(event => event.type === 'publication').length
  }
  await show(<Count />)
  const before = renders
  for (let n = 0; n < 50; n++) server.publish('news', n)
  await frame()
  expect([box.textContent, renders - before]).toEqual(['50', 1])
})

test('A component that goes away unsubscribes, also when React mounts it twice', async () => {
  function Last(): ReactNode {
    return String(useWebSocket<number>('news').lastMessage)
  }
  await show(
    <StrictMode>
      <Last />
    </StrictMode>,
  )
  expect(server.live.channels).toEqual(new Set(['news']))
  server.publish('news', 7)
  await frame()
  expect(box.textContent).toBe('7')
  await show(null)
  expect([server.live.channels.size, client.getStats().subscriptions]).toEqual([0, []])
})

test('No more than the limit is kept, newest last', async () => {
  function Data(): ReactNode {
    return useStreamingData<number>('news', { limit: 3 }).data.join()
  }
  await show(<Data />)
  for (let n = 1; n <= 10; n++) server.publish('news', n)
  await frame()
  expect(box.textContent).toBe('8,9,10')
})

test('Another channel begins with nothing of the former one', async () => {
  function Data({ channel }: { channel: string }): ReactNode {
    return useStreamingData<string>(channel).data.join()
  }
  await show(<Data channel="news" />)
  server.publish('news', 'old')
  await frame()
  await show(<Data channel="gex:SPY" />)
  server.publish('gex:SPY', 'new')
  await frame()
  expect(box.textContent).toBe('new')
})

test('The connection, and what is refused, are shown', async () => {
  server.refused.set('nope', 'No feed is called nope')
  function View(): ReactNode {
    return `${useConnection().state} ${useWebSocket('nope').error?.message}`
  }
  await show(<View />)
  await frame()
  expect(box.textContent).toBe('connected No feed is called nope')
})

test('A hook without a provider says what is missing', () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  function Lost(): ReactNode {
    return useConnection().state
  }
  expect(() => act(() => root.render(<Lost />))).toThrow('<TidewireProvider client={…}>')
})
