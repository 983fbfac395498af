#!/usr/bin/env node
// Runs the cases of this folder against an SDK's driver.
//
//   node run.mjs --driver 'COMMAND' [--case NAME …] [--jobs N] [--within MS] [--verbose]
//   node run.mjs --list
//
// One line per case, then `N passed, M failed`. Exit code 0 when all passed, 1 when one failed, 2 when it was called wrongly.
import { parseArgs } from 'node:util'
import { CaseRun } from './runner/case-run.mjs'
import { readCases } from './runner/case-files.mjs'

const usage = "usage: node run.mjs --driver 'COMMAND' [--case NAME …] [--jobs N] [--within MS] [--verbose] | --list"

function fail(why) {
  console.error(why)
  process.exit(2)
}

let asked
try {
  asked = parseArgs({
    options: {
      driver: { type: 'string' },
      case: { type: 'string', multiple: true },
      jobs: { type: 'string', default: '6' },
      within: { type: 'string', default: '8000' },
      list: { type: 'boolean' },
      verbose: { type: 'boolean' },
    },
  }).values
} catch (error) {
  fail(`${error.message}\n${usage}`)
}

const { cases, problems } = readCases()
if (problems.length > 0) fail(problems.join('\n'))
const chosen = asked.case === undefined ? cases : cases.filter(one => asked.case.includes(one.name))
const unknown = (asked.case ?? []).filter(name => !cases.some(one => one.name === name))
if (unknown.length > 0) fail(`There is no case '${unknown[0]}'. --list names them.`)

if (asked.list) {
  for (const one of chosen) console.log(`${one.name.padEnd(34)} ${one.says}`)
  process.exit(0)
}
if (asked.driver === undefined) fail(usage)
const jobs = Number(asked.jobs)
if (!(jobs >= 1)) fail(`--jobs must be a number from 1, not '${asked.jobs}'.`)
const within = Number(asked.within)
if (!(within >= 1)) fail(`--within must be milliseconds, not '${asked.within}'.`)

const started = performance.now()
const waiting = [...chosen]
let failed = 0

async function work() {
  for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
    const told = []
    const from = performance.now()
    const say = (who, what) => told.push(`    ${String(Math.round(performance.now() - from)).padStart(5)} ms ${who} ${typeof what === 'string' ? what : JSON.stringify(what)}`)
    const wrong = await new CaseRun(one, { command: asked.driver, within, say }).run()
    const seconds = ((performance.now() - from) / 1000).toFixed(1)
    console.log(`${wrong === undefined ? 'pass' : 'FAIL'} ${one.name} (${seconds} s)${wrong === undefined ? '' : `\n    ${wrong}`}`)
    if (asked.verbose) console.log(told.join('\n'))
    if (wrong !== undefined) failed++
  }
}

await Promise.all(Array.from({ length: jobs }, work))
console.log(`${chosen.length - failed} passed, ${failed} failed (${((performance.now() - started) / 1000).toFixed(1)} s)`)
process.exit(failed === 0 && chosen.length > 0 ? 0 : 1)
