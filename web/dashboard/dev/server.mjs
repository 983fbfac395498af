// A stand-in for Tidewire's server, for work on the page without it: serves the built page under a strict content
// security policy, speaks /api/ws and /api/stream/status, and draws alerts from a small invented market.
// `node dev/server.mjs [port] [connected|simulated|silent]`; POST /control/{down,up,unauthorized,disabled,stop,start,send,burst}.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { WebSocketServer } from 'ws'

const [port = '8000', mode = 'simulated'] = process.argv.slice(2)
const dist = new URL('../dist', import.meta.url).pathname
const policy =
  "default-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

const channel = 'flow-alerts'
const epoch = `mock-${Date.now().toString(36)}`
const source = mode === 'simulated' ? 'simulated' : 'socket'
const log = []
const sockets = new Map()
let state = mode === 'simulated' ? 'simulated' : 'connected'
let since = Date.now()
let attempt = 0
let nextAttemptAt = 0
let answers = true
let rowsPerSecond = mode === 'silent' ? 0 : 1.4

const iso = time => new Date(time).toISOString()
const pick = list => list[Math.floor(Math.random() * list.length)]

const market = [
  ['SPY', 593.14, 5],
  ['NVDA', 135.23, 5],
  ['TSLA', 347.17, 5],
  ['AAPL', 211.44, 5],
  ['NDXP', 21427.94, 10],
  ['GOOGL1', 166.19, 2.5],
  ['APLD', 6.84, 0.5],
  ['BRK.B', 514.31, 5],
  ['SPXW', 5931.6, 5],
  ['RIOT', 9.36, 1],
  ['UNH', 288.86, 5],
  ['XLF', 51.59, 0.5],
]

function alert(changes = {}) {
  const [ticker, spot, step] = pick(market)
  const type = pick(['C', 'P'])
  const strike = Math.max(step, Math.round((spot * (0.9 + Math.random() * 0.2)) / step) * step)
  const expiry = new Date(Date.now() + pick([0, 0, 3, 7, 14, 35, 63, 126, 400]) * 864e5)
    .toISOString()
    .slice(2, 10)
    .replaceAll('-', '')
  const price = Number((spot * 0.02 * Math.random() + 0.01).toFixed(2))
  const size = Math.ceil(Math.exp(Math.random() * 8.5))
  const half = price * 0.02 + 0.01
  const bid = Math.max(0.01, price - half * Math.random() * 2)
  const executedAt = Date.now() - 5_000 - Math.random() * 8_000
  return {
    id: crypto.randomUUID(),
    rule_name: pick([
      'RepeatedHits',
      'RepeatedHits',
      'RepeatedHitsAscendingFill',
      'RepeatedHitsDescendingFill',
      'FloorTradeLargeCap',
    ]),
    ticker,
    option_chain: `${ticker.replace('.', '')}${expiry}${type}${String(Math.round(strike * 1000)).padStart(8, '0')}`,
    underlying_price: spot,
    volume: Math.ceil(size * (1 + Math.random() * 12)),
    total_size: size,
    total_premium: Number((price * size * 100).toFixed(1)),
    price,
    bid: bid.toFixed(2),
    ask: (bid + half * 2).toFixed(2),
    open_interest: Math.ceil(Math.random() * 30_000),
    volume_oi_ratio: 0,
    has_sweep: Math.random() < 0.3,
    has_floor: Math.random() < 0.08,
    has_multileg: Math.random() < 0.12,
    all_opening_trades: Math.random() < 0.2,
    exchanges: Array.from({ length: 1 + Math.floor(Math.random() * 9) }, (_, index) => `X${index}`),
    executed_at: Math.round(executedAt),
    end_time: Math.round(executedAt),
    ...changes,
  }
}

function append(entry, at = Date.now()) {
  const offset = log.length + 1
  const whole =
    entry.type === 'gap'
      ? { ...entry, channel, offset, timestamp: iso(at) }
      : { type: 'message', channel, offset, timestamp: iso(at), data: entry, source }
  log.push(whole)
  for (const [socket, joined] of sockets) if (joined) socket.send(JSON.stringify(whole))
}

const isFlowing = () => state === 'connected' || state === 'simulated'

if (mode !== 'silent') {
  for (let index = 80; index > 0; index--) {
    const at = Date.now() - index * 2_300
    if (index === 60)
      append(
        {
          type: 'gap',
          from_time: iso(at - 5_000),
          to_time: iso(at),
          count: 6,
          reason: 'upstream_down',
          backfilled: true,
        },
        at,
      )
    else
      append(
        alert(
          index % 27 === 0
            ? {
                ticker: 'NVDA',
                option_chain: 'NVDA270115C00150000',
                underlying_price: 135.23,
                price: 11.15,
                bid: '11.05',
                ask: '11.15',
                total_size: 11_031,
                total_premium: 12_299_565,
                has_sweep: true,
              }
            : index === 5
              ? { price: 0.01, bid: '0.01', ask: '0.09', total_size: 1, total_premium: 0.01 }
              : {},
        ),
        at,
      )
  }
}
setInterval(() => {
  if (isFlowing() && Math.random() < rowsPerSecond / 4) append(alert())
}, 250)

function upstreamDown(next, wait) {
  state = next
  since = Date.now()
  attempt = 1
  nextAttemptAt = Date.now() + wait
}
setInterval(() => {
  if (state !== 'disconnected' || Date.now() < nextAttemptAt) return
  attempt++
  nextAttemptAt = Date.now() + 5_000
}, 200)

function status() {
  return {
    status: state,
    simulated: mode === 'simulated',
    message: {
      connected: 'Connected to the provider.',
      simulated: 'No token is set: the market is simulated.',
      disconnected: 'The connection to the provider is down.',
      not_entitled: 'The provider refused the token.',
      disabled: 'No upstream is configured.',
    }[state],
    server_time: iso(Date.now()),
    version: '0.1.0',
    uw_connection: {
      connected: isFlowing(),
      running: state !== 'disabled',
      reconnect_attempts: Math.max(0, attempt - 1),
      subscribed_channels: isFlowing() ? [channel] : [],
      channel_count: isFlowing() ? 1 : 0,
      since: iso(since),
      last_frame_at: log.length === 0 ? null : log.at(-1).timestamp,
      next_attempt_at: isFlowing() || state === 'disabled' ? null : iso(nextAttemptAt),
      attempt: isFlowing() ? 0 : attempt,
      reason: { disconnected: 'connection refused', not_entitled: 'unauthorized (401)' }[state] ?? null,
    },
    client_connections: { [channel]: [...sockets.values()].filter(Boolean).length },
    total_clients: sockets.size,
  }
}

const controls = {
  down: () => upstreamDown('disconnected', 4_000),
  up: () => {
    state = mode === 'simulated' ? 'simulated' : 'connected'
    since = Date.now()
    attempt = 0
  },
  unauthorized: () => upstreamDown('not_entitled', 300_000),
  disabled: () => upstreamDown('disabled', 0),
  stop: () => {
    answers = false
    for (const socket of sockets.keys()) socket.terminate()
  },
  start: () => {
    answers = true
  },
  fast: () => {
    rowsPerSecond = 4
  },
  still: () => {
    rowsPerSecond = 0
  },
  send: body => append(JSON.parse(body)[1]),
  burst: () => {
    for (let index = 0; index < 6_000; index++) append(alert())
  },
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost')
  const name = pathname.replace('/control/', '')
  if (pathname !== name && request.method === 'POST') {
    let body = ''
    for await (const chunk of request) body += chunk
    controls[name]?.(body)
    return response.writeHead(controls[name] ? 204 : 404).end()
  }
  if (!answers) return response.destroy()
  if (pathname === '/api/stream/status') {
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(status()))
  }
  const file = pathname === '/' || pathname === '/dashboard' ? '/index.html' : normalize(pathname)
  try {
    const body = readFileSync(join(dist, file))
    response
      .writeHead(200, {
        'content-type': types[extname(file)] ?? 'application/octet-stream',
        'content-security-policy': policy,
      })
      .end(body)
  } catch {
    response.writeHead(404).end()
  }
})

const wss = new WebSocketServer({ noServer: true })
server.on('upgrade', (request, socket, head) => {
  if (!answers || new URL(request.url, 'http://localhost').pathname !== '/api/ws') return socket.destroy()
  wss.handleUpgrade(request, socket, head, connection => {
    const say = frame => connection.send(JSON.stringify({ ...frame, timestamp: iso(Date.now()) }))
    sockets.set(connection, false)
    connection.on('close', () => sockets.delete(connection))
    say({
      type: 'connection',
      status: 'connected',
      connection_id: `c${Math.random().toString(36).slice(2, 8)}`,
      simulated: mode === 'simulated',
      limits: {},
    })
    connection.on('message', data => {
      const frame = JSON.parse(data)
      if (frame.type === 'ping') say({ type: 'pong' })
      else if (frame.type === 'history')
        say({ type: 'history', channel, messages: log.slice(-(frame.limit ?? 100)), id: frame.id })
      else if (frame.type === 'subscribe') {
        const recovered = frame.since?.epoch === epoch && frame.since.offset <= log.length
        say({
          type: 'subscription',
          action: 'subscribed',
          channel,
          epoch,
          offset: log.length,
          recovered,
          id: frame.id,
        })
        if (recovered)
          for (const entry of log.slice(frame.since.offset)) connection.send(JSON.stringify(entry))
        else if (frame.history)
          say({ type: 'history', channel, messages: log.slice(-frame.history), id: frame.id })
        sockets.set(connection, true)
      }
    })
  })
})
server.listen(Number(port), '127.0.0.1', () => console.log(`mock ready on http://127.0.0.1:${port}`))
