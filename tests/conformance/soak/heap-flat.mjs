#!/usr/bin/env node
// Drivers that read from a real Tidewire for a long time: their heaps after a full collection, early, half-way and late.
//
//   node heap-flat.mjs --server URL --minutes M --rate N --driver 'NAME=COMMAND' [--driver …]
//
// A third of the way apart: at 5, 15 and 25 of 30 minutes. Prints figures by name; exit code 1 when a heap grew, or when
// something was lost, repeated or out of order.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

const { server, minutes, rate, driver: drivers = [] } = parseArgs({
  options: { server: { type: 'string' }, minutes: { type: 'string' }, rate: { type: 'string' }, driver: { type: 'string', multiple: true } },
}).values

/** `maxRate` 0: everything as it comes, the state feed too. */
const subscriptions = [{ channel: 'option_trades' }, { channel: 'gex_strike:TIDE', maxRate: 0 }]
/** Subscribed and left again all the time, so that a subscription that is not let go shows too. */
const passing = { channel: 'price:SPY' }
const PassesEvery = 5000

/** How much a heap may grow between the first sample and any later one. */
const Grows = 1.03
/**
 * Besides, in bytes: what a runtime's own tables and one frame in flight make of two readings of the same heap. A word of
 * eight bytes that is kept for each message would be 4.8 MB in the 20 minutes between the first sample and the last.
 */
const Slack = 256 * 1024

let failed = false
function wrong(why) {
  failed = true
  console.log(`wrong ${why}`)
}

/** A driver whose events are judged as they come, and not kept: the memory of this process is not what is measured. */
class Reader {
  received = 0
  heaps = []
  #stands = new Map()
  #awaited = null
  #child

  constructor(name, command) {
    this.name = name
    this.#child = spawn(command, { shell: true, stdio: ['pipe', 'pipe', 'inherit'] })
    this.ended = new Promise(resolve => this.#child.on('close', code => resolve(code)))
    createInterface({ input: this.#child.stdout }).on('line', line => this.#said(JSON.parse(line)))
    this.do({ url: server, subscriptions })
  }

  do(command) {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`)
  }

  /** The least of a few readings: what came between two of them is not what stays. */
  async sample() {
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < 5; i++) {
      const answer = new Promise(resolve => (this.#awaited = resolve))
      this.do({ do: 'heap' })
      const bytes = await Promise.race([answer, this.ended.then(() => undefined), sleep(30_000)])
      if (bytes === undefined) throw new Error(`${this.name} does not say how large its heap is`)
      least = Math.min(least, bytes)
      await sleep(300)
    }
    this.heaps.push(least)
  }

  standsAt(channel) {
    return this.#stands.get(channel)?.offset
  }

  #said(event) {
    switch (event.event) {
      case 'heap':
        this.#awaited?.(event.bytes)
        break
      case 'subscribed':
        if (event.recovered !== true) this.#stands.set(event.channel, event)
        break
      case 'publication':
      case 'gap': {
        this.received++
        const { channel, offset, merged = 0, filtered = 0 } = event
        const before = this.#stands.get(channel)?.offset
        if (offset !== before + 1 + merged + filtered) wrong(`${this.name}: ${channel} ${offset} came after ${before}`)
        this.#stands.set(channel, { offset })
        break
      }
      case 'missed':
      case 'reset':
      case 'error':
        wrong(`${this.name} said ${JSON.stringify(event)}`)
    }
  }
}

const readers = drivers.map(text => {
  const at = text.indexOf('=')
  return new Reader(text.slice(0, at), text.slice(at + 1))
})
let passes = 0
const passer = setInterval(() => {
  const command = { do: passes++ % 2 === 0 ? 'subscribe' : 'unsubscribe', ...passing }
  for (const reader of readers) reader.do(command)
}, PassesEvery)

const minute = 60_000
const started = performance.now()
for (const share of [1 / 6, 3 / 6, 5 / 6]) {
  await sleep(Math.max(0, started + share * Number(minutes) * minute - performance.now()))
  await Promise.all(readers.map(reader => reader.sample()))
  const seconds = Math.round((performance.now() - started) / 1000)
  console.error(`after ${seconds} s: ${readers.map(({ name, heaps, received }) => `${name} ${heaps.at(-1)} bytes, ${received} messages`).join('; ')}`)
}
await sleep(Math.max(0, started + Number(minutes) * minute - performance.now()))
clearInterval(passer)

/** Until every reader has the newest entry of each channel. */
for (const { channel } of subscriptions) {
  for (let tries = 0; ; tries++) {
    const { position } = await (await fetch(`${server}/api/stream/poll/${channel.replace(':', '/')}?wait=0`)).json()
    await sleep(500)
    const behind = readers.filter(reader => !(reader.standsAt(channel) >= position.offset))
    if (behind.length === 0) break
    if (tries > 60) {
      wrong(`${behind[0].name}: ${channel} stands at ${behind[0].standsAt(channel)}, the server at ${position.offset}`)
      break
    }
  }
}

const mb = bytes => (bytes / 1e6).toFixed(2)
for (const reader of readers) {
  reader.do({ do: 'stop' })
  const code = await reader.ended
  if (code !== 0) wrong(`${reader.name} ended with ${code}`)
  const [first, ...later] = reader.heaps
  const most = Math.max(...later)
  if (most > first * Grows + Slack) wrong(`${reader.name}: the heap grew from ${first} to ${most} bytes`)
  const least = 0.95 * Number(rate) * Number(minutes) * 60
  if (reader.received < least) wrong(`${reader.name} received ${reader.received} messages, not ${least}`)
  console.log(`${reader.name}_received ${reader.received}`)
  console.log(`${reader.name}_heaps ${reader.heaps.map(mb).join(', ')}`)
  console.log(`${reader.name}_grew ${(((most - first) / first) * 100).toFixed(1)}`)
}
console.log(`passes ${passes}`)
process.exit(failed ? 1 : 0)
