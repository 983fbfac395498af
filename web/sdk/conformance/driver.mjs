// The conformance kit's driver around this SDK: commands on stdin, events on stdout. tests/conformance says which.
import { createInterface } from 'node:readline'
import { TidewireClient } from '../dist/node.js'

const say = event => process.stdout.write(`${JSON.stringify(event)}\n`)
const options = [
  'reconnectDelay',
  'reconnectBackoffMultiplier',
  'maxReconnectDelay',
  'connectTimeout',
  'heartbeatInterval',
]
options.push('heartbeatTimeout', 'upgradeInterval', 'batchUpdateDelay', 'maxQueueSize')

let client
let token
let last = 1000
const subscriptions = new Map()

function open(first) {
  token = first.options?.token
  const chosen = Object.fromEntries(
    Object.entries(first.options ?? {}).filter(([name]) => options.includes(name)),
  )
  client = new TidewireClient({
    url: first.url,
    ...chosen,
    token: async () => token ?? null,
  })
  client.on('state', ({ state, wire }) => {
    say({ event: 'state', state, wire })
    // What ended the client is told right after; the code of a close of our own is 1000.
    if (state === 'closed') queueMicrotask(() => say({ event: 'closed', code: last }))
  })
  client.on('error', error => {
    last = error.code
    say({ event: 'error', code: error.code, message: error.message })
  })
  client.connect()
  for (const subscription of first.subscriptions ?? []) subscribe(subscription)
}

function subscribe({ channel, since, filter, history, maxRate }) {
  const given = { since, filter, history, maxRate }
  const terms = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const subscription = client.subscribe(channel, terms, event => say(shown(event)))
  subscription.on('error', ({ code, message }) => say({ event: 'error', code, message, channel }))
  subscriptions.set(channel, subscription)
}

/** Zero counts and what is absent are left out, as on the wire. */
function shown({ type: event, merged, filtered, replaces, ...rest }) {
  return {
    event,
    ...rest,
    ...(merged > 0 && { merged }),
    ...(filtered > 0 && { filtered }),
    ...(replaces != null && { replaces }),
  }
}

const commands = {
  subscribe,
  unsubscribe: ({ channel }) => subscriptions.get(channel)?.unsubscribe(),
  pause: ({ channel }) => subscriptions.get(channel)?.pause(),
  resume: ({ channel }) => subscriptions.get(channel)?.resume(),
  token: command => {
    token = command.token
  },
  stats: () => say({ event: 'stats', ...client.getStats() }),
  /** What is in use after a full collection; node must have been started with --expose-gc. */
  heap: () => {
    globalThis.gc()
    const { heapUsed, external } = process.memoryUsage()
    say({ event: 'heap', bytes: heapUsed + external })
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line)
  if (client === undefined) open(message)
  else if (message.do === 'stop') break
  else commands[message.do](message)
}
client?.close()
// The kit leaves the pipe open, which would keep the process.
process.stdin.destroy()
