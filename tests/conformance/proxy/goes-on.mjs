#!/usr/bin/env node
// A driver behind a proxy that blocks WebSocket, then event streams, then everything, in front of a real Tidewire: every
// offset must arrive exactly once, with the bytes that the server has.
//
//   node goes-on.mjs --driver 'COMMAND' --server http://127.0.0.1:8000 [--blackout SECONDS]
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { DriverProcess } from '../runner/driver-process.mjs'
import { WireProxy } from './wire-proxy.mjs'

const { driver: command, server, blackout } = parseArgs({
  options: { driver: { type: 'string' }, server: { type: 'string' }, blackout: { type: 'string', default: '5' } },
}).values
if (command === undefined || server === undefined) {
  console.error("usage: node goes-on.mjs --driver 'COMMAND' --server URL [--blackout SECONDS]")
  process.exit(2)
}

const channels = ['flow-alerts', 'off_lit_trades']
const patience = 90_000
/** Deliveries of each channel that are waited for on each wire. */
const enough = 15

const proxy = new WireProxy(server)
await proxy.start()
// Waits are short so that the test is; what is measured, that nothing is lost or repeated, does not depend on them.
const options = { reconnectDelay: 200, maxReconnectDelay: 1000, connectTimeout: 2000, heartbeatInterval: 12000, heartbeatTimeout: 3000, upgradeInterval: 1500 }
const driver = new DriverProcess(command, { url: proxy.url, options, subscriptions: channels.map(channel => ({ channel })) })

function fail(why) {
  console.log(`not kept: ${why}`)
  console.log(JSON.stringify({ network: proxy.network, requests: proxy.requests, last: driver.events.slice(-3) }))
  console.log(driver.errors)
  driver.kill()
  process.exit(1)
}

const entries = channel => driver.events.filter(one => one.channel === channel && (one.event === 'publication' || one.event === 'gap'))

async function until(check, what) {
  const started = performance.now()
  await new Promise(resolve => {
    const look = () => {
      if (driver.ended !== undefined) fail(`the driver ended (${JSON.stringify(driver.ended)}) before ${what}`)
      if (!check()) return
      clearTimeout(timer)
      driver.off('change', look)
      resolve()
    }
    const timer = setTimeout(() => fail(`${what}: not within ${patience / 1000} s`), patience)
    driver.on('change', look)
    look()
  })
  return ((performance.now() - started) / 1000).toFixed(1)
}

/** Until the client is on a wire and each channel has shown some more there; how long the first of them took. */
async function goesOnOver(wire, what) {
  const from = driver.events.length
  const seconds = await until(() => driver.events.slice(from).some(one => one.event === 'state' && one.state === 'connected' && one.wire === wire), `${wire} ${what}`)
  const before = channels.map(channel => entries(channel).length)
  await until(() => channels.every((channel, i) => entries(channel).length >= before[i] + enough), `messages over ${wire} ${what}`)
  console.log(`${wire} ${what}: after ${seconds} s`)
}

await goesOnOver('websocket', 'at first')
proxy.block({ websocket: 'strip' })
await goesOnOver('sse', 'with upgrades stripped')
proxy.block({ sse: 'buffer' })
await goesOnOver('poll', 'with event streams kept back')

proxy.block({ websocket: 'refuse', sse: 'refuse', poll: 'refuse' })
const attempts = Object.values(proxy.requests).reduce((sum, one) => sum + one)
await new Promise(resolve => setTimeout(resolve, Number(blackout) * 1000)) // the outage itself
const during = Object.values(proxy.requests).reduce((sum, one) => sum + one) - attempts
if (during === 0) fail(`no attempt in ${blackout} s of outage`)
if (during > 20 * Number(blackout)) fail(`${during} attempts in ${blackout} s of outage`)
console.log(`everything blocked for ${blackout} s: ${during} attempts`)
proxy.block({ poll: 'open' })
await goesOnOver('poll', 'with long polls open again')
proxy.block({ websocket: 'open', sse: 'open' })
await goesOnOver('websocket', 'with everything open again')

driver.command({ do: 'stop' })
const { code } = await driver.exit
if (code !== 0) fail(`the driver ended with ${code}`)

for (const event of driver.events) {
  if (event.event === 'missed' || event.event === 'reset') fail(`the client said ${JSON.stringify(event)}`)
}

let delivered = 0
for (const channel of channels) {
  const { epoch, offset: start } = driver.events.find(one => one.event === 'subscribed' && one.channel === channel)
  let previous = start
  for (const { offset, merged = 0, filtered = 0 } of entries(channel)) {
    if (offset !== previous + 1 + merged + filtered) fail(`${channel}: ${offset} came after ${previous}`)
    previous = offset
  }
  // The same, asked of the server directly.
  const wanted = new Map()
  for (let at = start; at < previous; ) {
    const { messages, position } = await (await fetch(`${server}/api/stream/poll/${channel}?since=${epoch}:${at}&limit=1000&wait=0`)).json()
    if (messages.length === 0) fail(`${channel}: the server has nothing after ${at}`)
    for (const message of messages) wanted.set(message.offset, message)
    at = position.offset
  }
  for (const event of entries(channel)) {
    const message = wanted.get(event.offset)
    if (event.event === 'publication' && !isDeepStrictEqual(event.data, message?.data)) fail(`${channel}: ${event.offset} is not what the server has`)
    delivered++
  }
}
console.log(`delivered exactly once: ${delivered} entries of ${channels.length} channels, none missed, none twice`)
proxy.stop()
process.exit(0)
