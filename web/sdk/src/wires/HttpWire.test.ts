import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { Frame } from '../frames'
import { settingsOf } from '../Settings'
import { Tally } from '../Tally'
import { Token } from '../Token'
import { HttpWire } from './HttpWire'
import type { Join, WireEnd } from './Wire'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let server: Server
let wire: HttpWire | undefined

afterEach(() => {
  wire?.close()
  server.closeAllConnections()
  server.close()
})

const join: Join = {
  id: 1,
  channel: 'gex:SPY',
  filter: 'a > 1',
  maxRate: null,
  since: { epoch: 'e1', offset: 4 },
  history: 3,
}

interface Run {
  readonly asked: { path: string; authorization: string | undefined }[]
  readonly frames: Frame[]
  readonly ends: WireEnd[]
  readonly told: string[]
  /** Until so much was told: openings, frames and ends. */
  until(count: number): Promise<void>
}

async function run(
  kind: 'sse' | 'poll',
  answer: Answer,
  joins: Join[] = [join],
  places = 4,
  token?: string,
): Promise<Run> {
  const told: string[] = []
  const waiting: { count: number; done: () => void }[] = []
  const tell = (what: string): void => {
    told.push(what)
    for (const one of waiting) if (told.length >= one.count) one.done()
  }
  const asked: Run['asked'] = []
  const frames: Frame[] = []
  const ends: WireEnd[] = []
  server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', authorization: request.headers.authorization })
    answer(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const context = {
    settings: settingsOf({ url, connectTimeout: 500 }),
    token: new Token(token, 5000),
    tally: new Tally(),
  }
  wire = new HttpWire(
    kind,
    context,
    {
      opened: () => tell('opened'),
      received: frame => {
        frames.push(frame)
        tell(String(frame.type ?? 'publication'))
      },
      ended: end => {
        ends.push(end)
        tell('ended')
      },
    },
    places,
  )
  for (const one of joins) wire.join(one)
  const until = (count: number): Promise<void> =>
    new Promise(done => (told.length >= count ? done() : waiting.push({ count, done })))
  return { asked, frames, ends, told, until }
}

const stream =
  (...events: string[]): Answer =>
  (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write(events.map(event => `${event}\n\n`).join(''))
  }

test('A stream is asked for with position, history and filter, and its events become messages', async () => {
  const { asked, frames, told, until } = await run(
    'sse',
    stream(
      'retry: 1000\nid: e1:4',
      'id: e1:5\ndata: {"channel":"gex:SPY","offset":5,"data":1}',
      'id: e1:6\nevent: gap\ndata: {"type":"gap","channel":"gex:SPY","offset":6}',
      'id: e1:9\nevent: position\ndata: {"type":"position","channel":"gex:SPY","epoch":"e1","offset":9,"filtered":3}',
      'id: e1:9',
    ),
    [join],
    4,
    'secret',
  )
  await until(6)
  expect(asked).toEqual([
    { path: '/api/stream/sse/gex/SPY?since=e1%3A4&history=3&filter=a+%3E+1', authorization: 'Bearer secret' },
  ])
  expect(told).toEqual(['opened', 'subscription', 'publication', 'gap', 'position', 'position'])
  expect(frames[0]).toMatchObject({ id: 1, epoch: 'e1', offset: 4, recovered: true })
  expect(frames[4]).toMatchObject({ channel: 'gex:SPY', epoch: 'e1', offset: 9 })
})

test('A stream that could not be resumed says so', async () => {
  const said =
    '{"type":"subscription","action":"subscribed","channel":"gex:SPY","epoch":"e2","offset":8,"recovered":false,"reason":"gone"}'
  const { frames, until } = await run(
    'sse',
    stream(`retry: 1000\nid: e2:8\nevent: subscription\ndata: ${said}`),
  )
  await until(2)
  expect(frames[0]).toMatchObject({ id: 1, epoch: 'e2', offset: 8, recovered: false, reason: 'gone' })
})

test('The closing event of a stream is its code', async () => {
  const closing: Answer = (request, response) => {
    stream(
      'id: e1:4',
      'event: closing\ndata: {"type":"closing","code":4008,"reason":"slow","reconnect":true}',
    )(request, response)
    response.end()
  }
  const { ends, until } = await run('sse', closing)
  await until(3)
  expect(ends).toEqual([{ code: 4008, reason: 'slow', reconnect: true, worked: true }])
})

test('A stream whose head comes and nothing else did not work', async () => {
  const { ends, until } = await run('sse', (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.flushHeaders()
  })
  await until(1)
  expect(ends).toMatchObject([{ code: 1006, worked: false, reconnect: true }])
})

test('The first poll does not wait; the next goes on after its position', async () => {
  const answers = [
    {
      messages: [{ channel: 'gex:SPY', offset: 5, data: 1 }],
      position: { epoch: 'e1', offset: 5 },
      recovered: true,
    },
    { messages: [], position: { epoch: 'e1', offset: 9 }, filtered: 4, recovered: true },
  ]
  const { asked, frames, told, until } = await run('poll', (_, response) => {
    const next = answers.shift()
    if (next === undefined) return
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(next))
  })
  await until(4)
  expect(told).toEqual(['opened', 'subscription', 'publication', 'position'])
  expect(frames[2]).toMatchObject({ offset: 9, filtered: 4 })
  expect(asked.map(({ path }) => new URL(path, 'http://a').searchParams.get('wait')).slice(0, 2)).toEqual([
    '0',
    '25',
  ])
  expect(asked[1]?.path).toContain('since=e1%3A5')
})

test.each([
  [404, { error: 'unknown_channel', message: 'no such feed' }, { code: 106 }],
  [400, { error: 'bad_value', message: 'no filter' }, { code: 105 }],
])('HTTP %i of ours refuses the channel and not the wire', async (status, body, expected) => {
  const { frames, told, until } = await run('sse', (_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(body))
  })
  await until(2)
  expect(told).toEqual(['opened', 'error'])
  expect(frames[0]).toMatchObject({ id: 1, message: body.message, ...expected })
})

test.each([
  [401, 'application/json', '{"error":"unauthorized"}', { code: 4001 }],
  [
    403,
    'application/json',
    '{"error":"forbidden","message":"this origin"}',
    { code: 4003, reason: 'this origin' },
  ],
  [403, 'text/html', 'the proxy forbids it', { code: 1006, worked: false }],
  [502, 'text/html', 'bad gateway', { code: 1006, worked: false }],
  [200, 'text/html', 'please sign in to the network', { code: 1006, worked: false }],
  [503, 'application/json', '{"error":"going_away"}', { code: 1006, worked: true, retryAfter: 7000 }],
])('HTTP %i, %s ends the wire as %j', async (status, type, body, expected) => {
  const { ends, until } = await run('poll', (_, response) => {
    response.writeHead(status, { 'Content-Type': type, ...(status === 503 && { 'Retry-After': '7' }) })
    response.end(body)
  })
  await until(1)
  expect(ends).toMatchObject([expected])
})

test('Where a browser allows no more streams, further channels are polled, in turns', async () => {
  const joins = [1, 2, 3, 4].map(id => ({ ...join, id, channel: `gex:S${id}`, since: null }))
  let polling = 0
  let most = 0
  let offset = 1
  const { asked, until } = await run(
    'sse',
    (request, response) => {
      if (request.url?.startsWith('/api/stream/sse/')) {
        stream('id: e1:1')(request, response)
        return
      }
      most = Math.max(most, ++polling)
      setImmediate(() => {
        polling--
        response.writeHead(200, { 'Content-Type': 'application/json' })
        response.end(
          JSON.stringify({ messages: [], position: { epoch: 'e1', offset: ++offset }, recovered: true }),
        )
      })
    },
    joins,
    2,
  )
  await until(20)
  expect(most).toBe(1)
  const kinds = (channel: string): Set<string | undefined> =>
    new Set(asked.filter(({ path }) => path.includes(`/${channel}?`)).map(({ path }) => path.split('/')[3]))
  expect([...kinds('S1'), ...kinds('S2'), ...kinds('S3'), ...kinds('S4')]).toEqual([
    'sse',
    'poll',
    'poll',
    'poll',
  ])
})
