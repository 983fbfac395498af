// Ten tabs of a real browser on a real server: how many connections they hold, and whether a tab that closes costs the others
// anything; with shared workers and without. `node tabs.mjs CHROMIUM SERVER_URL PORT`: the page is served from PORT.
// Prints figures by name; exit code 1 when one is wrong.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from '@playwright/test'

const [executablePath, url, port] = process.argv.slice(2)
const Tabs = 10
const dist = `${import.meta.dirname}/../dist`

const script = `import { TidewireClient } from '/sdk/index.js'
const client = new TidewireClient({ url: '${url}', token: () => 'a-token' })
const seen = []
client.subscribe('patterns', event => seen.push(event.type === 'publication' ? event.offset : event.type))
Object.assign(window, { client, seen })`

const page = createServer(async (request, response) => {
  // What the server's own page allows, and the server's address: a worker must be a file of this origin.
  const policy = `default-src 'none'; script-src 'self'; worker-src 'self'; connect-src ${url} ${url.replace('http', 'ws')}`
  const head = type => response.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': policy })
  if (request.url === '/')
    head('text/html').end('<!doctype html><title>tab</title><script type="module" src="/main.js"></script>')
  else if (request.url === '/main.js') head('text/javascript').end(script)
  else if (/^\/sdk\/\w+\.js$/.test(request.url))
    head('text/javascript').end(await readFile(`${dist}/${request.url.slice(5)}`))
  else response.writeHead(404).end()
})
await new Promise(resolve => page.listen(Number(port), '127.0.0.1', resolve))

const stats = async () => (await fetch(`${url}/api/ws/stats`)).json()
const connections = async () => (await stats()).active_connections

async function until(what, holds) {
  const end = Date.now() + 20_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within 20 s: ${what}`)
    await sleep(50)
  }
}

let last = 0
async function publish() {
  const body = JSON.stringify({ ticker: 'AAPL', pattern_type: 'flag', message: 'a test' })
  const answer = await fetch(`${url}/api/ws/broadcast/pattern`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
  })
  last = (await answer.json()).offset
}

/** `openings`: a shared worker outlives its tabs; where a tab held the connection, the next one opens its own. */
async function run(browser, name, openings, init) {
  const context = await browser.newContext()
  if (init !== undefined) await context.addInitScript(init)
  const opened = (await stats()).total_connections
  const tabs = []
  for (let i = 0; i < Tabs; i++) {
    const tab = await context.newPage()
    tab.on('pageerror', error => console.error(`${name}: ${error.message}`))
    await tab.goto(`http://127.0.0.1:${port}/`)
    tabs.push(tab)
  }
  const subscribed = tab => tab.evaluate(() => window.seen?.includes('subscribed') ?? false)
  for (const tab of tabs) await until('every tab is subscribed', () => subscribed(tab))
  const held = await connections()
  const first = last + 1

  let running = true
  const publishing = (async () => {
    while (running) {
      await publish()
      await sleep(5)
    }
  })()
  await sleep(500)
  await tabs.shift().close()
  await sleep(1000)
  running = false
  await publishing
  const wanted = Array.from({ length: last - first + 1 }, (_, i) => first + i)
  let lost = 0
  let twice = 0
  for (const tab of tabs) {
    await until('every tab has the last', () => tab.evaluate(offset => window.seen.includes(offset), last))
    const seen = (await tab.evaluate(() => window.seen)).filter(one => typeof one === 'number')
    const kinds = new Set(seen)
    lost += wanted.filter(offset => !kinds.has(offset)).length
    twice += seen.length - kinds.size
    if (JSON.stringify([...seen].sort((a, b) => a - b)) !== JSON.stringify(seen))
      throw new Error('out of order')
    if (await tab.evaluate(() => window.seen.some(one => one === 'reset' || one === 'missed'))) lost++
  }
  const heldAfter = await connections()
  await tabs[0].evaluate(() => window.client.logout())
  for (const tab of tabs)
    await until('every tab is signed out', () => tab.evaluate(() => window.client.state.state === 'closed'))
  await until('no connection is left', async () => (await connections()) === 0)
  console.log(`${name}_connections ${held}`)
  console.log(`${name}_connections_after ${heldAfter}`)
  const openedInAll = (await stats()).total_connections - opened
  console.log(`${name}_opened_in_all ${openedInAll}`)
  console.log(`${name}_published ${wanted.length}`)
  console.log(`${name}_lost ${lost}`)
  console.log(`${name}_twice ${twice}`)
  await context.close()
  if (held !== 1 || heldAfter !== 1 || openedInAll !== openings || lost + twice > 0) process.exitCode = 1
}

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
]
const browser = await chromium.launch({ executablePath, args })
try {
  await run(browser, 'shared', 1)
  await run(browser, 'elected', 2, () => {
    delete window.SharedWorker
  })
} finally {
  await browser.close()
  page.close()
}
