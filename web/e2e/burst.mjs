// A burst of alerts on the desk, in a real browser on a real server: what the main thread does in a frame, its longest task,
// and the frames against those of a blank page. `node burst.mjs CHROMIUM SERVER_URL PORT [SECONDS]`: the server takes its
// provider from PORT, where this script plays it. Prints figures by name.
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from '@playwright/test'
import { WebSocketServer } from 'ws'

const [executablePath, url, port, seconds = '60'] = process.argv.slice(2)
const Seconds = Number(seconds)
const Held = 100_000
const say = (name, value) => process.stdout.write(`${name} ${value}\n`)

// ---- the provider

const provider = new WebSocketServer({ host: '127.0.0.1', port: Number(port) })
let joined = null
provider.on('connection', peer => {
  peer.on('message', data => {
    const { channel, msg_type } = JSON.parse(String(data))
    peer.send(JSON.stringify([channel, { response: {}, status: 'ok' }]))
    if (channel === 'flow-alerts' && msg_type === 'join') joined = peer
  })
})

let made = 0
const tickers = ['SPY', 'QQQ', 'NVDA', 'TSLA', 'AAPL', 'IWM', 'AMD', 'META', 'MSFT', 'GOOGL']
function alert() {
  made++
  const ticker = tickers[made % tickers.length]
  const premium = made % 50 === 0 ? 2_400_000 : made % 7 === 0 ? 310_000 : 1_000 + ((made * 7919) % 90_000)
  const now = Date.now()
  return JSON.stringify([
    'flow-alerts',
    {
      id: `burst-${made}`,
      rule_id: '5f0d3c1e-0000-4000-8000-000000000000',
      rule_name: made % 3 === 0 ? 'RepeatedHitsAscendingFill' : 'RepeatedHits',
      ticker,
      option_chain: `${ticker}270115${made % 2 === 0 ? 'C' : 'P'}00${100 + (made % 300)}000`,
      underlying_price: 135.23 + (made % 100) / 10,
      volume: 1_200 + made,
      total_size: 1 + (made % 900),
      total_premium: premium,
      start_time: now - 6_000,
      end_time: now - 5_000,
      executed_at: now - 5_000,
      price: 11.15,
      bid: '11.05',
      ask: '11.25',
      open_interest: 900,
      volume_oi_ratio: 1.3,
      has_sweep: made % 4 === 0,
      has_floor: made % 11 === 0,
      has_multileg: false,
      has_singleleg: true,
      all_opening_trades: made % 5 === 0,
      exchanges: ['XCBO', 'MPRL'],
    },
  ])
}

/** Sends so many a second until the result is called. */
function burst(perSecond) {
  const began = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1_000) * perSecond)
    for (; sent < due; sent++) joined.send(alert())
  }, 10)
  return () => {
    clearInterval(timer)
    return sent
  }
}

// ---- the browser

const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
})
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
const frames = ms =>
  page.evaluate(
    wait =>
      new Promise(resolve => {
        const began = performance.now()
        let count = 0
        const frame = () => {
          count++
          if (performance.now() - began < wait) requestAnimationFrame(frame)
          else resolve((count * 1_000) / (performance.now() - began))
        }
        requestAnimationFrame(frame)
      }),
    ms,
  )
await page.goto(`${url}/health/live`)
const blank = await frames(5_000)

await page.goto(url)
await page.locator('[data-testid=status-pill][data-state=live]').waitFor({ timeout: 30_000 })
while (joined === null) await sleep(50)

/** What the main thread did, frame by frame. */
function judged(trace) {
  const { traceEvents } = JSON.parse(trace)
  const mains = new Set()
  for (const { name, args, pid, tid } of traceEvents)
    if (name === 'thread_name' && args.name === 'CrRendererMain') mains.add(`${pid} ${tid}`)
  const of = new Map()
  for (const event of traceEvents) {
    const thread = `${event.pid} ${event.tid}`
    if (event.ph !== 'X' || !mains.has(thread)) continue
    const those = of.get(thread) ?? { tasks: [], frames: [] }
    of.set(thread, those)
    if (/RunTask$/.test(event.name)) those.tasks.push(event)
    else if (event.name === 'FireAnimationFrame') those.frames.push(event.ts)
  }
  // The page's is the one that draws.
  const { tasks, frames: fired } = [...of.values()].sort((a, b) => b.frames.length - a.frames.length)[0]
  tasks.sort((a, b) => a.ts - b.ts)
  fired.sort((a, b) => a - b)
  const starts = []
  let next = 0
  for (const { ts, dur } of tasks) {
    if (next < fired.length && fired[next] <= ts + dur && fired[next] >= ts) starts.push(ts)
    while (next < fired.length && fired[next] <= ts + dur) next++
  }
  const work = []
  let at = 0
  for (let index = 0; index + 1 < starts.length; index++) {
    let sum = 0
    while (at < tasks.length && tasks[at].ts < starts[index]) at++
    for (let task = at; task < tasks.length && tasks[task].ts < starts[index + 1]; task++)
      sum += tasks[task].dur
    work.push(sum / 1_000)
  }
  work.sort((a, b) => a - b)
  const longest = Math.max(...tasks.map(({ dur }) => dur)) / 1_000
  return { frames: work.length, p50: quantile(work, 0.5), p95: quantile(work, 0.95), longest }
}
const quantile = (sorted, share) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

async function traced(name, ms, act = () => sleep(ms)) {
  await browser.startTracing(page, { categories: ['-*', 'toplevel', 'devtools.timeline'] })
  const [rate] = await Promise.all([frames(ms), act()])
  const { frames: count, p50, p95, longest } = judged(String(await browser.stopTracing()))
  say(`${name}_frames`, count)
  say(`${name}_work_p50`, p50.toFixed(1))
  say(`${name}_work_p95`, p95.toFixed(1))
  say(`${name}_longest_task`, longest.toFixed(1))
  say(`${name}_rate`, rate.toFixed(1))
}
const rows = () => page.getByRole('grid', { name: 'Flow tape' }).getAttribute('aria-rowcount')

say('blank_rate', blank.toFixed(1))
const stop = burst(500)
await sleep(2_000)
// In parts: a trace of the whole minute would itself be the load.
const parts = Math.max(1, Math.round(Seconds / 20))
for (let part = 1; part <= parts; part++) {
  await traced(`burst${part}`, 10_000)
  if (part < parts) await sleep(8_000)
}
say('burst_rows', stop())

const fill = burst(4_000)
for (let wait = 0; Number(await rows()) < Held && wait < 60; wait++) await sleep(1_000)
fill()
await sleep(3_000)
say('held_rows', Number(await rows()) - 1)
say('rows_in_dom', await page.getByTestId('tape-row').count())
const again = burst(500)
await page.mouse.move(500, 450)
await traced('scroll', 15_000, async () => {
  const end = Date.now() + 15_000
  for (let turn = 0; Date.now() < end; turn++) {
    await page.mouse.wheel(0, turn % 40 < 30 ? 900 : -900)
    await sleep(30)
  }
})
again()
await browser.close()
provider.close()
process.exit(0)
