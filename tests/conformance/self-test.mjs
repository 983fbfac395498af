#!/usr/bin/env node
// The kit's own test: the reference passes every case, and with each fault planted in it the case named fails.
//
//   node self-test.mjs [--fault NAME]
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const here = fileURLToPath(new URL('.', import.meta.url))
const driver = `node '${here}reference/driver.mjs'`

/** What each fault of the reference must be noticed by. */
const faults = {
  'resumes-early': 'seam-websocket',
  'resumes-late': 'seam-sse',
  'never-resumes': 'seam-poll',
  'no-dedupe': 'duplicate-at-the-seam',
  'ignores-reset': 'epoch-change-websocket',
  'ignores-gaps': 'gap-sse',
  'ignores-position': 'position-websocket',
  'forget-filter': 'filter-sse',
  'drops-filtered': 'filter-websocket',
  'drops-merged': 'merged',
  'drops-replaces': 'correction',
  'blind-to-holes': 'hole-websocket',
  'no-history': 'history-websocket',
  'ends-after-1001': 'closing-1001',
  'comes-back-after-1008': 'closing-1008',
  'hurries-after-4009': 'closing-4009',
  'keeps-old-token': 'closing-4010',
  'swallows-errors': 'unknown-channel',
  'unbounded-queue': 'slow-consumer-event',
  'drops-overflow': 'slow-consumer-state',
  'no-heartbeat': 'half-open-socket',
  'never-falls-back': 'fallback-stripped-upgrade',
  'never-returns': 'return-to-the-better-wire',
  'returns-with-a-cut': 'return-while-messages-come',
  'deaf-to-unsubscribe': 'unsubscribe-survives-reconnect',
  'no-newline-split': 'frames-batched',
  fragile: 'malformed-frames',
  'one-position-for-all': 'two-channels',
  hammers: 'backoff-grows',
  'no-jitter': 'first-retry',
  'slow-first-retry': 'first-retry',
  'no-watch': 'half-open-sse',
  'ignores-retry-after': 'busy-sse',
  'hammers-polls': 'hasty-polls',
}

/** Runs the kit; its exit code and what it printed. */
function kit(...args) {
  return new Promise(resolve => {
    const child = spawn(process.execPath, [`${here}run.mjs`, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', bytes => {
      text += bytes
    })
    child.on('close', code => resolve({ code, text }))
  })
}

const { fault: only } = parseArgs({ options: { fault: { type: 'string' } } }).values
let failed = 0

if (only === undefined) {
  const { code, text } = await kit('--driver', driver, '--jobs', '10')
  console.log(`reference: ${text.trim().split('\n').at(-1)}`)
  if (code !== 0) {
    failed++
    console.log(text.split('\n').filter(line => !line.startsWith('pass')).join('\n'))
  }
}

const waiting = Object.entries(faults).filter(([name]) => only === undefined || name === only)
const planted = waiting.length
let noticed = 0
async function work() {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [name, by] = next
    const { code, text } = await kit('--driver', `${driver} --fault ${name}`, '--case', by, '--within', '2500')
    if (code === 1 && text.includes(`FAIL ${by} `)) noticed++
    else console.log(`not noticed: the fault '${name}' passes ${by}\n${text}`)
  }
}
await Promise.all(Array.from({ length: 8 }, work))
console.log(`planted faults noticed: ${noticed} of ${planted}`)
process.exit(failed === 0 && noticed === planted && planted > 0 ? 0 : 1)
