// A program that reads from a real server, then does nothing for a while and reads on: how much memory that takes, and
// whether anything was lost. `node stall.mjs URL SECONDS`. Prints figures by name; exit code 1 when something was lost.
import { setTimeout as sleep } from 'node:timers/promises'
import { TidewireClient } from '../dist/node.js'

const [url, stall] = [process.argv[2], Number(process.argv[3])]
const MaxQueueSize = 1000
const client = new TidewireClient({ url, maxQueueSize: MaxQueueSize })
const channels = ['option_trades', 'flow-alerts', 'gex_strike:SPY', 'price:SPY']
const count = { received: 0, merged: 0, broken: 0, missed: 0, reset: 0 }
let mostQueued = 0
const newest = new Map()

const consumers = channels.map(async channel => {
  const subscription = client.subscribe(channel)
  let previous = null
  for await (const event of subscription) {
    mostQueued = Math.max(mostQueued, subscription.queueSize)
    if (event.type === 'missed') count.missed++
    if (event.type === 'reset') count.reset++
    if (event.type === 'publication' || event.type === 'gap') {
      // Positions that show nothing may lie in between on a state feed; an event feed without a filter has none.
      if (previous !== null && event.offset !== previous + 1 + event.merged + event.filtered) count.broken++
      if (event.type === 'publication') count.received++
      count.merged += event.merged
      newest.set(channel, event.offset)
    }
    if (event.type !== 'missed') previous = event.offset
  }
})

const memory = () => {
  globalThis.gc()
  return process.memoryUsage()
}

await sleep(5000)
const rate = count.received / 5
const before = memory()
const stopped = performance.now()
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stall * 1000)
const stalled = (performance.now() - stopped) / 1000
const rss = process.memoryUsage().rss
let most = rss
const watch = setInterval(() => {
  most = Math.max(most, process.memoryUsage().rss)
}, 20)

/** Until every channel is where the server is, twice in a row. */
async function caughtUp() {
  for (;;) {
    const { channels: feeds } = await (await fetch(`${url}/api/stream/channels`)).json()
    const tails = feeds.flatMap(feed => feed.active ?? []).filter(one => channels.includes(one.channel))
    await sleep(500)
    if (
      tails.length === channels.length &&
      tails.every(({ channel, offset }) => (newest.get(channel) ?? 0) >= offset)
    )
      return
  }
}
await Promise.race([
  caughtUp(),
  sleep(60_000).then(() => Promise.reject(new Error('it did not catch up within 60 s'))),
])
clearInterval(watch)
const after = memory()
client.close()
await Promise.all(consumers)

const mb = bytes => (bytes / 1048576).toFixed(1)
console.log(`rate ${Math.round(rate)}`)
console.log(`stalled ${stalled.toFixed(1)}`)
console.log(`received ${count.received}`)
console.log(`merged ${count.merged}`)
console.log(`lost ${count.broken + count.missed + count.reset}`)
console.log(`queued ${mostQueued}`)
console.log(`rss_rise_mb ${mb(most - before.rss)}`)
console.log(`heap_rise_mb ${mb(after.heapUsed - before.heapUsed)}`)
console.log(`reconnects ${client.getStats().reconnects}`)
process.exitCode = count.broken + count.missed + count.reset > 0 || mostQueued > MaxQueueSize + 1 ? 1 : 0
