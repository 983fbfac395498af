import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ScriptedSocket } from './ScriptedSocket'
import { ServerClock } from './ServerClock'
import { type ChannelEntry, type ChannelReader, StreamClient } from './StreamClient'

const channel = 'flow-alerts'
const epoch = 'uw-1'
const message = (offset: number, more: object = {}): object => ({
  type: 'message',
  channel,
  offset,
  timestamp: '2026-11-20T14:21:02.123Z',
  data: { ticker: 'SPY' },
  source: 'socket',
  ...more,
})
const subscribed = (offset: number, recovered: boolean, inEpoch = epoch): object => ({
  type: 'subscription',
  action: 'subscribed',
  channel,
  epoch: inEpoch,
  offset,
  recovered,
})

let sockets: ScriptedSocket[]
let client: StreamClient
let shown: string[]

/** `5` for an entry, `gap(3)@4.5` for one the page made itself. */
function written(entry: ChannelEntry): string {
  return entry.type === 'gap' ? `gap(${entry.count ?? '?'})@${entry.offset}` : String(entry.offset)
}

function current(): ScriptedSocket {
  const socket = sockets.at(-1)
  if (socket === undefined) throw new Error('no socket was opened')
  return socket
}

/** Brings a socket up to a standing subscription. */
function connect(tail: number, recovered = false, inEpoch = epoch): ScriptedSocket {
  const socket = current()
  socket.says({ type: 'connection', status: 'connected', connection_id: 'c1' })
  socket.says(subscribed(tail, recovered, inEpoch))
  return socket
}

beforeEach(() => {
  vi.useFakeTimers()
  sockets = []
  shown = []
  client = new StreamClient({
    open: () => {
      const socket = new ScriptedSocket()
      sockets.push(socket)
      return socket
    },
    clock: new ServerClock(),
    random: () => 0.5,
  })
  client.subscribe(channel, 100, {
    refused: reason => shown.push(`refused: ${reason}`),
    joined: historyFollows => shown.push(historyFollows ? 'joined' : 'recovered'),
    entries: entries => shown.push(...entries.map(written)),
  })
  client.start()
})

afterEach(() => {
  client.stop()
  vi.useRealTimers()
})

describe('Joining', () => {
  test('subscribes with history once the server has introduced itself', () => {
    expect(current().sent).toEqual([])
    current().says({ type: 'connection', status: 'connected', connection_id: 'c1' })
    expect(current().sentOf('subscribe')).toEqual([{ type: 'subscribe', channel, history: 100, id: '1' }])
    expect(client.link.get()).toMatchObject({ phase: 'open', connectionId: 'c1' })
  })

  test('shows the history, then what is live', () => {
    const socket = connect(3)
    socket.says({ type: 'history', channel, messages: [message(2), message(3)] })
    socket.says(message(4))
    expect(shown).toEqual(['joined', '2', '3', '4'])
  })

  test('passes on why the server refuses a channel, and no other error', () => {
    current().says({ type: 'connection', status: 'connected' })
    current().says({ type: 'error', code: 'unknown_channel', message: 'No such channel.', id: 'other' })
    current().says({ type: 'error', code: 'unknown_channel', message: 'No such channel.', id: '1' })
    expect(shown).toEqual(['refused: No such channel.'])
  })

  test('drops a duplicate and follows merged, filtered and positions', () => {
    const socket = connect(3)
    socket.says(message(4))
    socket.says(message(4))
    socket.says(message(9, { merged: 1, filtered: 3 }))
    socket.says({ type: 'position', channel, epoch, offset: 20 })
    socket.says(message(21))
    expect(shown).toEqual(['joined', '4', '9', '21'])
    expect(sockets).toHaveLength(1)
  })
})

describe('Leaving', () => {
  const reader = (name: string): ChannelReader => ({
    refused: reason => shown.push(`${name} refused: ${reason}`),
    joined: () => shown.push(`${name} joined`),
    entries: entries =>
      shown.push(
        ...(entries.length === 0 ? ['none'] : entries.map(written)).map(entry => `${name} ${entry}`),
      ),
  })
  const gex = (offset: number): object => message(offset, { channel: 'gex:SPY' })
  const joinedGex = (tail: number, id?: unknown): object => ({
    ...subscribed(tail, false),
    channel: 'gex:SPY',
    id,
  })

  test('tells the server, and hears no more of the channel', () => {
    const socket = connect(3)
    const leave = client.subscribe('gex:SPY', 1, reader('gex'))
    expect(socket.sentOf('subscribe').at(-1)).toEqual({
      type: 'subscribe',
      channel: 'gex:SPY',
      history: 1,
      id: '2',
    })
    socket.says(joinedGex(7, '2'))
    socket.says(gex(8))
    leave()
    expect(socket.sentOf('unsubscribe')).toEqual([{ type: 'unsubscribe', channel: 'gex:SPY' }])
    socket.says(gex(9))
    socket.says(message(4))
    expect(shown).toEqual(['joined', 'gex joined', 'gex 8', '4'])
    expect(sockets).toHaveLength(1)
  })

  test('twice tells the server once, and never leaves the next reader’s subscription', () => {
    const socket = connect(3)
    const leave = client.subscribe('gex:SPY', 1, reader('first'))
    leave()
    client.subscribe('gex:SPY', 1, reader('second'))
    leave()
    expect(socket.sentOf('unsubscribe')).toHaveLength(1)
    socket.says(joinedGex(7, '3'))
    socket.says(gex(8))
    expect(shown).toEqual(['joined', 'second joined', 'second 8'])
  })

  test('and reading again takes nothing of the earlier subscription for its own', () => {
    const socket = connect(3)
    client.subscribe('gex:SPY', 5, reader('first'))()
    client.subscribe('gex:SPY', 5, reader('second'))
    // What the server had answered before it heard of the second.
    socket.says(joinedGex(7, '2'))
    socket.says({ type: 'history', channel: 'gex:SPY', messages: [gex(7)] })
    socket.says(gex(8))
    socket.says({ type: 'position', channel: 'gex:SPY', epoch, offset: 8 })
    expect(shown).toEqual(['joined'])
    socket.says(joinedGex(8, 3))
    expect(socket.sentOf('history')).toEqual([])
    socket.says({ type: 'history', channel: 'gex:SPY', messages: [gex(7), gex(8)] })
    socket.says(gex(9))
    expect(shown).toEqual(['joined', 'second joined', 'second 7', 'second 8', 'second 9'])
    expect(sockets).toHaveLength(1)
  })

  test('while there is no connection says nothing, and the channel is not asked for again', () => {
    const leave = client.subscribe('gex:SPY', 1, reader('gex'))
    const socket = connect(3)
    socket.breaks()
    leave()
    vi.advanceTimersByTime(200)
    connect(3)
    expect(current().sent.map(({ type, channel: name }) => [type, name])).toEqual([
      ['subscribe', channel],
      ['history', channel],
    ])
  })

  test('a channel that has a reader is not given to a second one', () => {
    expect(() => client.subscribe(channel, 1, reader('second'))).toThrow('has a reader already')
  })
})

describe('Resuming', () => {
  test('asks with the last position and for no history', () => {
    const socket = connect(3)
    socket.says(message(4))
    socket.breaks()
    vi.advanceTimersByTime(200)
    current().says({ type: 'connection', status: 'connected' })
    expect(current().sentOf('subscribe')).toEqual([
      { type: 'subscribe', channel, since: { epoch, offset: 4 }, id: '2' },
    ])
    current().says(subscribed(6, true))
    current().says(message(5))
    current().says(message(6))
    current().says(message(7))
    expect(shown).toEqual(['joined', '4', 'recovered', '5', '6', '7'])
    expect(current().sentOf('history')).toEqual([])
  })

  test('that fails asks for history and shows only what it does not hold', () => {
    const socket = connect(3)
    socket.says(message(4))
    socket.breaks()
    vi.advanceTimersByTime(200)
    connect(6)
    expect(current().sentOf('history')).toMatchObject([{ channel, limit: 100 }])
    current().says({ type: 'history', channel, messages: [message(3), message(4), message(5), message(6)] })
    current().says(message(7))
    expect(shown).toEqual(['joined', '4', 'joined', '5', '6', '7'])
  })

  test('that fails too late marks what is missing', () => {
    const socket = connect(3)
    socket.says(message(4))
    socket.breaks()
    vi.advanceTimersByTime(200)
    connect(60)
    current().says({ type: 'history', channel, messages: [message(59), message(60)] })
    expect(shown).toEqual(['joined', '4', 'joined', 'gap(54)@58.5', '59', '60'])
  })

  test('into another epoch takes its whole history behind a gap of unknown size', () => {
    const socket = connect(3)
    socket.says(message(4))
    socket.breaks()
    vi.advanceTimersByTime(200)
    connect(2, false, 'uw-2')
    current().says({ type: 'history', channel, messages: [message(1), message(2)] })
    expect(shown).toEqual(['joined', '4', 'joined', 'gap(?)@0.5', '1', '2'])
  })
})

describe('A hole', () => {
  test('is asked for again by resuming', () => {
    const socket = connect(3)
    socket.says(message(6))
    expect(socket.isClosed).toBe(true)
    vi.advanceTimersByTime(200)
    connect(6, true)
    for (const offset of [4, 5, 6]) current().says(message(offset))
    expect(shown).toEqual(['joined', 'recovered', '4', '5', '6'])
  })

  test('that is still there after resuming is shown as a gap', () => {
    connect(3).says(message(6))
    vi.advanceTimersByTime(200)
    connect(6, true).says(message(6))
    current().says(message(7))
    expect(shown).toEqual(['joined', 'recovered', 'gap(2)@5.5', '6', '7'])
    expect(sockets).toHaveLength(2)
  })
})

describe('The connection', () => {
  test('is retried after 200 ms, 1 s, 1.5 s … at the middle of each range', () => {
    current().breaks()
    for (const wait of [200, 1_000, 1_500, 2_250]) {
      const before = sockets.length
      expect(client.link.get().phase).toBe('waiting')
      vi.advanceTimersByTime(wait - 1)
      expect(sockets).toHaveLength(before)
      vi.advanceTimersByTime(1)
      expect(sockets).toHaveLength(before + 1)
      current().breaks()
    }
    expect(client.link.get().attempt).toBe(5)
  })

  test('starts the schedule over only after it has held', () => {
    current().breaks()
    vi.advanceTimersByTime(200)
    connect(1).breaks()
    expect(client.link.get().attempt).toBe(2)
    vi.advanceTimersByTime(1_000)
    const socket = connect(1)
    vi.advanceTimersByTime(1_000)
    socket.says({ type: 'pong' })
    vi.advanceTimersByTime(4_000)
    socket.breaks()
    expect(client.link.get().attempt).toBe(1)
  })

  test('pings every 10 s and knows the round trip', () => {
    const socket = connect(1)
    vi.advanceTimersByTime(1_000)
    expect(socket.sentOf('ping')).toHaveLength(1)
    vi.advanceTimersByTime(12)
    socket.says({ type: 'pong' })
    expect(client.link.get().roundTrip).toBe(12)
    vi.advanceTimersByTime(10_000)
    expect(socket.sentOf('ping')).toHaveLength(2)
  })

  test('is dead when no pong comes within 5 s', () => {
    const socket = connect(1)
    vi.advanceTimersByTime(1_000 + 4_999)
    expect(socket.isClosed).toBe(false)
    vi.advanceTimersByTime(1)
    expect(socket.isClosed).toBe(true)
    expect(client.link.get()).toMatchObject({ phase: 'waiting', roundTrip: null })
  })

  test('is given up when the server accepts it and says nothing', () => {
    vi.advanceTimersByTime(8_000)
    expect(sockets[0]?.isClosed).toBe(true)
    expect(client.link.get().phase).toBe('waiting')
  })

  test('can be retried at once', () => {
    current().breaks()
    client.retryNow()
    expect(sockets).toHaveLength(2)
    client.retryNow()
    expect(sockets).toHaveLength(2)
  })

  test('waits long after a closing that asks not to come back, and still comes back', () => {
    const socket = connect(1)
    socket.says({ type: 'closing', code: 4001, reason: 'token invalid', reconnect: false })
    socket.breaks()
    vi.advanceTimersByTime(29_999)
    expect(sockets).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(sockets).toHaveLength(2)
  })

  test('ends for good on stop', () => {
    client.stop()
    vi.advanceTimersByTime(120_000)
    expect(sockets).toHaveLength(1)
    expect(sockets[0]?.isClosed).toBe(true)
  })
})
