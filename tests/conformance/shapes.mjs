#!/usr/bin/env node
// Compares what the scripted server says with what a running Tidewire says: the same requests to both, and the same fields in
// the same order, of the same kinds, on every wire.
//
//   node shapes.mjs http://127.0.0.1:8000      (a server with the simulated market)
import { ScriptedServer } from './server/scripted-server.mjs'
import { ChannelLog } from './server/channel-log.mjs'
import * as shapes from './server/shapes.mjs'
import { readFileSync } from 'node:fs'
import { openSocket } from './reference/socket.mjs'

const [real] = process.argv.slice(2)
if (real === undefined) {
  console.error('usage: node shapes.mjs URL, of a Tidewire with the simulated market')
  process.exit(2)
}

const limit = 20_000
const kind = value => (value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value)

/** Names and kinds of the fields, in order; a payload is the provider's, and its fields are no shape of ours. */
const shape = message =>
  Object.entries(message)
    .filter(([name]) => !payload.has(name))
    .map(([name, value]) => `${name}:${name === 'data' ? 'object' : name === 'messages' ? value.slice(0, 1).map(one => `[${shape(one)}]`).join() : kind(value) === 'object' ? `{${shape(value)}}` : kind(value)}`)
    .join(' ')
/** The fields of a price stand at the top of its message. */
const payload = new Set(['price', 'change', 'change_percent', 'volume', 'high', 'low', 'open'])

const within = (promise, what) => Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(new Error(`${what}: nothing within ${limit} ms`)), limit).unref())])

/** Asks over `/api/ws` and gives the first message of each kind that was waited for. */
async function socketShapes(url) {
  const found = new Map()
  const asks = [
    { type: 'ping', id: 'a' },
    { type: 'auth', token: 'any', id: 1 },
    { type: 'nonsense', id: 2 },
    { type: 'subscribe', channel: 'nope', id: 3 },
    { type: 'unsubscribe', channel: 'gex:QQQ', id: 4 },
    { type: 'subscribe', channel: 'off_lit_trades', since: { epoch: 'other', offset: 3 }, id: 5 },
    { type: 'subscribe', channel: 'flow-alerts', history: 1, id: 6 },
    { type: 'subscribe', channel: 'ticker', ticker: 'AAPL', id: 7 },
  ]
  const wanted = ['connection', 'pong', 'auth', 'error 2', 'error 3', 'error 4', 'subscription 5', 'subscription 6', 'history 6', 'message', 'price_update', 'unsubscribed', 'resumed']
  let socket
  await within(
    new Promise((resolve, reject) => {
      let epoch
      const one = line => {
        const message = JSON.parse(line)
        const name = message.action === 'unsubscribed' ? 'unsubscribed' : message.recovered ? 'resumed' : ['error', 'subscription', 'history'].includes(message.type) ? `${message.type} ${message.id}` : message.type
        if (wanted.includes(name) && !found.has(name)) found.set(name, shape(message))
        if (message.type === 'message' && message.channel === 'flow-alerts' && !found.has('unsubscribed')) socket.send(JSON.stringify({ type: 'unsubscribe', channel: 'flow-alerts', id: 8 }))
        if (name === 'subscription 6') epoch = { epoch: message.epoch, offset: message.offset }
        if (name === 'unsubscribed') socket.send(JSON.stringify({ type: 'subscribe', channel: 'flow-alerts', since: epoch, id: 9 }))
        if (wanted.every(one => found.has(one))) resolve()
      }
      socket = openSocket(`${url}/api/ws`, {
        protocol: 'nope, tidewire.v1.json',
        opened(protocol) {
          found.set('subprotocol', `${protocol}`)
          asks.forEach(ask => socket.send(JSON.stringify(ask)))
        },
        message(text) {
          text.split('\n').forEach(one)
        },
        closed: code => reject(new Error(`closed with ${code}`)),
      })
    }),
    `${url}/api/ws (there are ${[...found.keys()].join(', ')})`,
  )
  socket.close()
  return found
}

/** An event stream's head and events, up to its first publication. */
async function streamShapes(url, headers = {}) {
  const aborted = new AbortController()
  const response = await fetch(`${url}/api/stream/sse/flow-alerts`, { headers, signal: aborted.signal })
  const found = new Map([['status and type', `${response.status} ${response.headers.get('content-type')} ${response.headers.get('cache-control')} ${response.headers.get('x-accel-buffering')}`]])
  let text = ''
  const read = async () => {
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk
      const events = text.split('\n\n')
      if (events.length < 3) continue
      const lines = event => event.split('\n').filter(line => !line.startsWith(':')).map(line => line.replace(/^id: .+$/, 'id: *').replace(/^data: (.+)$/, (_, json) => `data: ${shape(JSON.parse(json))}`))
      found.set('opening', lines(events[0]).join(' | '))
      found.set('publication', lines(events[1]).join(' | '))
      return
    }
  }
  await within(read(), `${url}/api/stream/sse`)
  aborted.abort()
  return found
}

async function pollShapes(url) {
  const found = new Map()
  const ask = async (name, query) => {
    const response = await within(fetch(`${url}/api/stream/poll/${query}`), `${url}/api/stream/poll/${query}`)
    const body = await response.json()
    found.set(name, `${response.status} ${response.headers.get('content-type')} ${shape(body)}`)
    return body
  }
  const { position_text } = await ask('first', 'flow-alerts')
  await ask('resumed', `flow-alerts?since=${position_text}&limit=1`)
  await ask('empty', `flow-alerts?since=${(await ask('again', 'flow-alerts')).position_text}&wait=0`)
  await ask('another epoch', 'flow-alerts?since=other:4')
  await ask('unknown', 'nope')
  return found
}

const plain = async url => {
  const answer = async (path, headers) => {
    const response = await fetch(`${url}${path}`, { headers })
    return `${response.status} ${shape(await response.json())}`
  }
  return new Map([['not upgraded', await answer('/api/ws')], ['unknown stream', await answer('/api/stream/sse/nope')]])
}

const parts = { '/api/ws': socketShapes, sse: url => streamShapes(url), 'sse, another epoch': url => streamShapes(url, { 'Last-Event-ID': 'other:4' }), poll: pollShapes, http: plain }

const price = { ticker: 'AAPL', price: 191.25, change: 1.5, change_percent: 0.79, volume: 41250000, high: 192.1, low: 189.4, open: 189.9 }
const simulated = { source: 'simulated' }
const scripted = new ScriptedServer({ channels: { 'flow-alerts': { entries: [simulated] }, off_lit_trades: {}, 'gex:QQQ': {}, 'ticker:AAPL': { entries: [{ data: price, source: 'derived' }] } } })
await scripted.start()
const market = setInterval(() => {
  scripted.publish('flow-alerts', [simulated])
  scripted.publish('ticker:AAPL', [{ data: price, source: 'derived' }])
}, 100)

let compared = 0
let different = 0
for (const [part, read] of Object.entries(parts)) {
  const [theirs, ours] = await Promise.all([read(real), read(scripted.url)])
  for (const [name, wanted] of theirs) {
    compared++
    if (ours.get(name) === wanted) continue
    // A list that is empty on one side has no entry to compare.
    const sides = [wanted, ours.get(name) ?? '']
    if (sides.some(side => side.includes('messages: ')) && new Set(sides.map(side => side.replace(/messages:\[[^\]]*\]/, 'messages:'))).size === 1) continue
    different++
    console.log(`${part}, ${name}:\n  server   ${wanted}\n  scripted ${ours.get(name)}`)
  }
}
clearInterval(market)

// What takes a silence, an outage or a stop to be seen is compared with the examples of the protocol, which are held to the
// server by tests of their own.
const examples = new Set([...readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8').matchAll(/^(?:data: )?(\{"type":.+\})$/gm)].map(([, json]) => shape(JSON.parse(json))))
const log = new ChannelLog('flow-alerts', { entries: [{}, { gap: {} }, { lost: 7, gap: { reason: 'store_lost' } }, { replaces: 1 }] })
const [, gap, lost, correction] = log.after(0)
const none = { merged: 0, filtered: 0 }
const ours = {
  gap: shapes.message(log, gap, none),
  'gap store_lost': shapes.message(log, lost, { merged: 7, filtered: 0 }),
  position: shapes.position(log, 3, none),
  'position over what was filtered': shapes.position(log, 3, { merged: 0, filtered: 2 }),
  closing: shapes.closing(shapes.disconnects[1001]),
  correction: shapes.message(log, correction, none),
  'message after what was filtered': shapes.message(log, { ...correction, replaces: undefined }, { merged: 0, filtered: 3 }),
}
for (const [name, message] of Object.entries(ours)) {
  compared++
  if (examples.has(shape(message))) continue
  different++
  console.log(`${name}: no example of docs/protocol.md has the shape ${shape(message)}`)
}
console.log(`shapes compared: ${compared}, different: ${different}`)
process.exit(different === 0 && compared > 0 ? 0 : 1)
