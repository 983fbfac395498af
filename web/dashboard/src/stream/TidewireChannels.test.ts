import { TidewireClient } from '@tidewire/sdk'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ScriptedServer } from '../../../sdk/testing/ScriptedServer'
import type { ChannelEntry } from './Channels'
import { KeptEntries } from './KeptEntries'
import { PageLink } from './Link'
import { TidewireChannels } from './TidewireChannels'

const channel = 'flow-alerts'
let server: ScriptedServer
let client: TidewireClient
let channels: TidewireChannels
let shown: string[]
let leave: () => void

/** `5` for an entry, `h5` for one of the past, `gap(3)@4.5` for one the page made itself. */
function written(entry: ChannelEntry, how: string): string {
  const text = entry.type === 'gap' ? `gap(${entry.count ?? '?'})@${entry.offset}` : String(entry.offset)
  return how === 'history' ? `h${text}` : text
}
function read(history = 3): () => void {
  return channels.subscribe(channel, history, {
    joined: historyFollows => shown.push(historyFollows ? 'joined' : 'at the newest'),
    forget: () => shown.push('forgotten'),
    refused: reason => shown.push(`refused: ${reason}`),
    entries: (entries, how) => {
      shown.push(entries.length === 0 ? 'none' : entries.map(entry => written(entry, how)).join(' '))
    },
  })
}
const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
/** What has been shown since it was last asked for. */
async function told(ms = 0): Promise<string[]> {
  await settle(ms)
  return shown.splice(0)
}

beforeEach(() => {
  vi.useFakeTimers()
  server = new ScriptedServer()
  shown = []
  client = new TidewireClient({
    url: 'http://test',
    WebSocket: server.WebSocket,
    fetch: server.fetch,
    random: () => 0.5,
  })
  channels = new TidewireChannels(client)
})
afterEach(() => {
  client.close()
  vi.useRealTimers()
})

describe('Joining', () => {
  test('shows the history at once, then what is live', async () => {
    server.publish(channel, 1, 2, 3, 4, 5)
    read()
    expect(await told()).toEqual(['joined', 'h3 h4 h5'])
    server.publish(channel, 6)
    expect(await told()).toEqual(['6'])
  })

  test('a channel without a past is known to be empty', async () => {
    read()
    expect(await told()).toEqual(['at the newest'])
  })

  test('one whose past has left the log is known to be empty a second later', async () => {
    server.publish(channel, 1)
    server.after = () => []
    read()
    expect(await told(999)).toEqual(['joined'])
    expect(await told(1)).toEqual(['none'])
  })

  test('passes on why the server refuses a channel, and asks again with the next connection', async () => {
    server.refused.set(channel, 'No feed has this name.')
    read()
    expect(await told()).toEqual(['refused: No feed has this name.'])
    await settle(60_000)
    expect(server.heardOf('subscribe')).toHaveLength(1)
    server.refused.clear()
    server.live.breaks()
    expect(await told(1_000)).toEqual(['at the newest'])
  })

  test('two stores may read one channel', async () => {
    server.publish(channel, 1)
    read()
    await told()
    read()
    expect((await told()).join(' ')).toContain('h1')
    server.publish(channel, 2)
    expect(await told()).toEqual(['2', '2'])
  })
})

describe('Leaving', () => {
  test('tells the server, and nothing more is heard of the channel', async () => {
    leave = read()
    await told()
    leave()
    expect(server.heardOf('unsubscribe')).toHaveLength(1)
    server.publish(channel, 1)
    expect(await told()).toEqual([])
    leave()
    expect(server.heardOf('unsubscribe')).toHaveLength(1)
  })

  test('between an entry and its showing shows nothing', async () => {
    leave = read()
    await told()
    server.publish(channel, 1)
    leave()
    expect(await told()).toEqual([])
  })

  test('what was refused is not asked for again', async () => {
    server.refused.set(channel, 'No.')
    leave = read()
    await told()
    leave()
    server.live.breaks()
    await settle(2_000)
    expect(server.heardOf('subscribe')).toHaveLength(1)
  })
})

describe('After a loss', () => {
  beforeEach(async () => {
    server.publish(channel, 1, 2)
    read()
    await told()
    server.live.breaks()
  })

  test('what was missed follows as if it were live', async () => {
    server.publish(channel, 3, 4)
    expect(await told(400)).toEqual(['at the newest', '3 4'])
  })

  test('that the server cannot make up for, history shows what the page does not hold', async () => {
    server.publish(channel, 3, 4)
    server.oldest = 9
    expect(await told(400)).toEqual(['joined', 'h3 h4'])
  })

  test('whose beginning is gone, a gap says how many are missing', async () => {
    server.publish(channel, 3, 4, 5, 6, 7, 8)
    server.oldest = 9
    expect(await told(400)).toEqual(['joined', 'hgap(3)@5.5 h6 h7 h8'])
  })

  test('into another epoch, the whole history stands behind a gap of unknown size', async () => {
    server.epoch = 'e2'
    server.rows.set(channel, [])
    server.publish(channel, 1, 2)
    expect(await told(400)).toEqual(['joined', 'hgap(?)@0.5 h1 h2'])
    server.publish(channel, 3)
    expect(await told()).toEqual(['3'])
  })
})

describe('A hole', () => {
  beforeEach(async () => {
    server.publish(channel, 1)
    read()
    await told()
  })
  /** Two entries that this page is not sent, and one that it is. */
  function skip(): void {
    server.live.channels.delete(channel)
    server.publish(channel, 2, 3, 4)
    server.live.channels.add(channel)
  }
  const say = (offset: number): void => server.live.says(server.message(channel, { offset, data: offset }))

  test('that is filled when it is asked for again is not shown', async () => {
    skip()
    say(4)
    expect(await told()).toEqual(['at the newest', '2 3 4'])
  })

  test('that is still there then is shown as a gap', async () => {
    skip()
    server.rows.set(channel, [
      { offset: 1, data: 1 },
      { offset: 4, data: 4 },
    ])
    say(4)
    expect(await told()).toEqual(['at the newest', 'gap(2)@3.5 4'])
  })
})

describe('What the browser has kept', () => {
  let table: Map<string, unknown>
  function reopen(): void {
    const { WebSocket, fetch } = server
    client.close()
    client = new TidewireClient({ url: 'http://test', WebSocket, fetch, random: () => 0.5 })
    const kept = new KeptEntries({
      get: async key => table.get(key),
      put: async (key, value) => void table.set(key, value),
    })
    channels = new TidewireChannels(client, kept)
    shown = []
  }
  beforeEach(async () => {
    table = new Map()
    reopen()
    server.publish(channel, 1, 2, 3)
    read()
    server.publish(channel, 4)
    await settle(2_000)
  })

  test('is the newest entries, as many as are asked for at first', () => {
    const kept = table.get(`channel ${channel}`) as { entries: ChannelEntry[] }
    expect(kept.entries.map(({ offset }) => offset)).toEqual([2, 3, 4])
  })

  test('is not shown where the server answers', async () => {
    reopen()
    read()
    expect(await told(5_000)).toEqual(['joined', 'h2 h3 h4'])
  })

  test('is shown when the server is away, and what came meanwhile follows', async () => {
    server.opening = 'silent'
    reopen()
    read()
    expect(await told(1_499)).toEqual([])
    expect(await told(1)).toEqual(['h2 h3 h4'])
    server.publish(channel, 5)
    server.opening = 'open'
    expect(await told(10_000)).toEqual(['at the newest', '5'])
  })

  test('when it is old is not gone on from: a gap says how many are missing', async () => {
    await settle(600_000)
    server.opening = 'silent'
    reopen()
    read()
    expect(await told(1_500)).toEqual(['h2 h3 h4'])
    server.publish(channel, 5, 6, 7, 8, 9)
    server.opening = 'open'
    expect(await told(10_000)).toEqual(['joined', 'hgap(2)@6.5 h7 h8 h9'])
  })

  test('of a log that is no more is forgotten', async () => {
    server.opening = 'silent'
    reopen()
    read()
    await told(1_500)
    server.epoch = 'e2'
    server.rows.set(channel, [])
    server.publish(channel, 1)
    server.opening = 'open'
    expect(await told(10_000)).toEqual(['forgotten', 'joined', 'h1'])
  })
})

test('The state of the connection is on the page, and what ended it for good', async () => {
  const link = new PageLink(client)
  expect(link.get()).toMatchObject({ state: 'closed', wasConnected: false, fault: null })
  read()
  await settle()
  expect(link.get()).toMatchObject({ state: 'connected', wasConnected: true })
  server.live.breaks()
  expect(link.get()).toMatchObject({ state: 'offline', attempt: 1, retryAt: Date.now() + 200, fault: null })
  await settle(200)
  server.live.breaks(1008, 'This page is too old.')
  expect(link.get()).toMatchObject({ state: 'closed', wasConnected: true })
  expect(link.get().fault).toContain('This page is too old.')
  link.retryNow()
  await settle()
  expect(link.get()).toMatchObject({ state: 'connected', fault: null })
})
