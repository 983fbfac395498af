// A stand-in for Tidewire's server, for work on the page without it: serves the built page under a strict content
// security policy, speaks /api/ws, /api/stream/status and /api/stream/channels, and draws alerts from a small invented
// market. Every channel exists here: a feed without an inventor of its own is empty until something is sent to it.
// `node dev/server.mjs [port] [connected|simulated|silent]`
// POST /control/{down,up,unauthorized,disabled,stop,start,fast,still,burst}
// POST /control/send ["channel", payload], or a gap: ["channel", {"type":"gap",…}]
// POST /control/measured ["channel", "silent", "why"]
// POST /control/refuse "channel"
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

const flow = 'flow-alerts'
const epoch = `mock-${Date.now().toString(36)}`
const source = mode === 'simulated' ? 'simulated' : 'socket'
const logs = new Map([[flow, []]])
/** Each socket with the channels it has subscribed to. */
const sockets = new Map()
const refused = new Set()
const measured = new Map()
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

function logOf(channel) {
  if (!logs.has(channel)) {
    logs.set(channel, [])
    invent(channel)
  }
  return logs.get(channel)
}

function append(channel, entry, at = Date.now()) {
  const log = logOf(channel)
  const offset = log.length + 1
  const whole =
    entry.type === 'gap' || entry.type === 'price_update'
      ? { ...entry, channel, offset, timestamp: iso(at) }
      : { type: 'message', channel, offset, timestamp: iso(at), data: entry, source }
  log.push(whole)
  for (const [socket, joined] of sockets) if (joined.has(channel)) socket.send(JSON.stringify(whole))
}

// ---- the panels' feeds, each invented when it is first asked for ----
const spotOf = ticker => market.find(([name]) => name === ticker)?.[1] ?? 20 + ticker.length * 7

const inventors = {
  ticker: (channel, ticker) => {
    const open = spotOf(ticker)
    let price = logs.get(channel)?.at(-1)?.price ?? open
    let [low, high, volume] = [Math.min(open, price), Math.max(open, price), 1e6]
    return () => {
      price *= 1 + (Math.random() - 0.5) * 0.001
      ;[low, high, volume] = [Math.min(low, price), Math.max(high, price), volume + 9_000]
      const change = price - open
      append(channel, {
        type: 'price_update',
        ticker,
        price,
        change,
        change_percent: (change / open) * 100,
        volume,
        high,
        low,
        open,
      })
    }
  },
  gex: (channel, ticker) => () =>
    append(channel, {
      ticker,
      timestamp: Date.now(),
      price: String(spotOf(ticker)),
      gamma_per_one_percent_move_oi: '6931204411.7219332',
      gamma_per_one_percent_move_vol: '54210993118.1833',
      gamma_per_one_percent_move_dir: '-3971102880.0021',
    }),
  gex_strike: (channel, ticker) => () => {
    const spot = spotOf(ticker)
    for (let step = -30; step <= 30; step++) {
      const weight = Math.exp(-(step ** 2) / 300) * 1e9 * (step % 5 === 0 ? 2.2 : 1)
      append(channel, {
        ticker,
        timestamp: Date.now(),
        strike: String(Math.round(spot) + step),
        price: String(spot),
        call_gamma_oi: String(weight * (step > -4 ? 1.1 : 0.3)),
        put_gamma_oi: String(-weight * (step < 4 ? 0.9 : 0.2)),
        call_gamma_vol: String(weight * Math.random()),
        put_gamma_vol: String(-weight * Math.random()),
      })
    }
  },
  off_lit_trades: channel => () => {
    const [symbol, spot] = pick(market)
    append(channel, {
      symbol,
      price: (spot * (1 + (Math.random() - 0.5) * 0.0004)).toFixed(4),
      size: Math.ceil(Math.exp(Math.random() * 12)),
      executed_at: iso(Date.now()),
      nbbo_bid: (spot * 0.9999).toFixed(2),
      nbbo_ask: (spot * 1.0001).toFixed(2),
    })
  },
}

Object.assign(inventors, {
  market_tide: channel => () => {
    const burst = () => (Math.random() - 0.42) * 4e6 * Math.random() ** 2
    append(channel, {
      timestamp: iso(Date.now()),
      net_call_premium: `${Math.round(burst())}.0`,
      net_put_premium: `${Math.round(burst())}.0`,
      net_volume: 120,
    })
  },
  net_flow: (channel, ticker) => () =>
    append(channel, {
      ticker,
      net_call_prem: `${Math.round((Math.random() - 0.4) * 4e5)}.00`,
      net_call_vol: 12,
      net_put_prem: `${Math.round((Math.random() - 0.55) * 3e5)}.00`,
      net_put_vol: -3,
      time: Date.now(),
    }),
})

/** What a feed has published before the page came: so many payloads, so far apart, ms. */
function past(channel, feed, ticker) {
  if (feed === 'market_tide' || feed === 'net_flow') {
    for (let index = 1_000; index > 0; index--) {
      const at = Date.now() - index * 18_000
      const swell = Math.sin(index / 90) + 0.4
      const call = Math.round((Math.random() ** 3 * 9 + swell) * 4e5)
      const put = Math.round((Math.random() ** 3 * 7 - swell) * 3e5)
      append(
        channel,
        feed === 'market_tide'
          ? { timestamp: iso(at), net_call_premium: `${call}.0`, net_put_premium: `${put}.0`, net_volume: 9 }
          : { ticker, net_call_prem: `${call / 10}`, net_put_prem: `${put / 10}`, time: at },
        at,
      )
    }
    if (feed === 'market_tide') {
      const at = Date.now() - 7_200_000
      append(channel, {
        type: 'gap',
        from_time: iso(at),
        to_time: iso(at + 290_000),
        count: null,
        reason: 'upstream_down',
        backfilled: false,
      })
    }
  }
  if (feed === 'ticker') {
    let price = spotOf(ticker) * 0.996
    let volume = 1e6
    for (let index = 900; index > 0; index--) {
      const at = Date.now() - index * 4_000
      price *= 1 + (Math.random() - 0.497) * 0.0012
      volume += Math.round(Math.random() ** 3 * 20_000)
      const change = price - spotOf(ticker)
      append(
        channel,
        {
          type: 'price_update',
          ticker,
          price,
          change,
          change_percent: (change / spotOf(ticker)) * 100,
          volume,
          high: spotOf(ticker) * 1.012,
          low: spotOf(ticker) * 0.988,
          open: spotOf(ticker),
          timestamp: iso(at),
        },
        at,
      )
    }
  }
  if (feed === 'trading_halts') {
    for (const [minutes, name, word, reason] of [
      [64, 'GME', 'halted', 'LUDP'],
      [59, 'GME', 'resumed', 'LUDP'],
      [21, 'APLD', 'halted', 'T1'],
    ]) {
      const at = Date.now() - minutes * 60_000
      append(channel, { ticker: name, state: word, reason, timestamp: iso(at) }, at)
    }
  }
}

/** How often a feed publishes, ms. */
const pace = {
  ticker: 1_500,
  gex: 5_000,
  gex_strike: 5_000,
  off_lit_trades: 300,
  market_tide: 2_000,
  net_flow: 2_000,
}

function invent(channel) {
  const [feed, ticker] = channel.split(':')
  if (mode !== 'silent') past(channel, feed, ticker)
  const publish = mode === 'silent' ? undefined : inventors[feed]?.(channel, ticker)
  if (publish === undefined) return
  publish()
  setInterval(() => {
    const wanted = [...sockets.values()].some(joined => joined.has(channel))
    if (wanted && isFlowing()) publish()
  }, pace[feed])
}

const isFlowing = () => state === 'connected' || state === 'simulated'

if (mode !== 'silent') {
  for (let index = 80; index > 0; index--) {
    const at = Date.now() - index * 2_300
    if (index === 60)
      append(
        flow,
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
        flow,
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
  if (isFlowing() && Math.random() < rowsPerSecond / 4) append(flow, alert())
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

const subscribersOf = channel => [...sockets.values()].filter(joined => joined.has(channel)).length
const wantedChannels = () => [...logs.keys()].filter(channel => subscribersOf(channel) > 0)

function channels() {
  const feeds = new Map()
  for (const channel of new Set([...logs.keys(), ...measured.keys()])) {
    const [id] = channel.split(':')
    feeds.set(id, [...(feeds.get(id) ?? []), channel])
  }
  return {
    channels: [...feeds].map(([id, names]) => ({
      id,
      active: names.map(channel => {
        const last = logs.get(channel)?.at(-1)
        const [word, reason] = measured.get(channel) ?? [last === undefined ? 'unknown' : 'verified', null]
        return { channel, state: 'live', measured: word, reason, last_at: last?.timestamp ?? null }
      }),
    })),
  }
}

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
      subscribed_channels: isFlowing() ? wantedChannels() : [],
      channel_count: isFlowing() ? wantedChannels().length : 0,
      since: iso(since),
      last_frame_at: logs.get(flow).at(-1)?.timestamp ?? null,
      next_attempt_at: isFlowing() || state === 'disabled' ? null : iso(nextAttemptAt),
      attempt: isFlowing() ? 0 : attempt,
      reason: { disconnected: 'connection refused', not_entitled: 'unauthorized (401)' }[state] ?? null,
    },
    client_connections: Object.fromEntries(
      wantedChannels().map(channel => [channel, subscribersOf(channel)]),
    ),
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
  send: body => append(...JSON.parse(body)),
  measured: body => {
    const [channel, word, reason = null] = JSON.parse(body)
    measured.set(channel, [word, reason])
  },
  refuse: body => refused.add(JSON.parse(body)),
  burst: () => {
    for (let index = 0; index < 6_000; index++) append(flow, alert())
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
  const answer = { '/api/stream/status': status, '/api/stream/channels': channels }[pathname]
  if (answer !== undefined) {
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer()))
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
    sockets.set(connection, new Set())
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
      if (frame.type === 'ping') return say({ type: 'pong' })
      const channel = frame.ticker === undefined ? frame.channel : `${frame.channel}:${frame.ticker}`
      const joined = sockets.get(connection)
      const { id } = frame
      if (frame.type === 'unsubscribe') {
        joined.delete(channel)
        return say({ type: 'subscription', action: 'unsubscribed', channel, id })
      }
      if (refused.has(channel)) {
        const message = `The channel ${channel} is refused here.`
        return say({ type: 'error', code: 110, error: 'not_supported', message, id })
      }
      const log = logOf(channel)
      if (frame.type === 'history')
        return say({ type: 'history', channel, messages: log.slice(-(frame.limit ?? 100)), id })
      if (frame.type !== 'subscribe') return
      const recovered = frame.since?.epoch === epoch && frame.since.offset <= log.length
      say({
        type: 'subscription',
        action: 'subscribed',
        channel,
        epoch,
        offset: log.length,
        recovered,
        id,
      })
      if (recovered) for (const entry of log.slice(frame.since.offset)) connection.send(JSON.stringify(entry))
      else if (frame.history) say({ type: 'history', channel, messages: log.slice(-frame.history), id })
      joined.add(channel)
    })
  })
})
server.listen(Number(port), '127.0.0.1', () => console.log(`mock ready on http://127.0.0.1:${port}`))
