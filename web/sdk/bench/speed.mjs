// How many messages a second are read, judged and handed to a listener, on one core, without a network: newline-batched
// prices of 200 bytes, then alerts of 2 KB. Prints `prices N` and `alerts N`, the median of the runs.
import { TidewireClient } from '../dist/node.js'

const seconds = Number(process.env.SDK_SPEED_SECONDS ?? 1)
const runs = 5
/** Eight digits, so that every message has the same length. */
const First = 10_000_000

/** A socket whose far side is this program. */
class Loop {
  static last
  constructor() {
    Loop.last = this
    queueMicrotask(() => this.says({ type: 'connection', timestamp: new Date().toISOString() }))
  }
  send(text) {
    const { type, channel, id } = JSON.parse(text)
    if (type === 'subscribe')
      this.says({
        type: 'subscription',
        action: 'subscribed',
        channel,
        epoch: 'e1',
        offset: First,
        recovered: false,
        id,
      })
  }
  says(message) {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
  close() {}
}

/** A message of so many bytes. */
function padded(message, bytes) {
  const text = JSON.stringify(message)
  return text.replace('"pad":""', `"pad":"${'x'.repeat(Math.max(0, bytes - text.length))}"`)
}

async function measure(channel, message, bytes, batch) {
  const client = new TidewireClient({ url: 'http://loop', WebSocket: Loop })
  let count = 0
  let sum = 0
  client.subscribe(channel).on('publication', ({ offset }) => {
    count++
    sum += offset
  })
  await new Promise(resolve => setTimeout(resolve, 20))
  const [head, tail] = padded({ ...message, channel, offset: First }, bytes).split(String(First))
  let offset = First
  const frames = () => {
    const lines = []
    for (let i = 0; i < batch; i++) lines.push(`${head}${++offset}${tail}`)
    return lines.join('\n')
  }
  // Texts are made beforehand: what is measured is the client. Flat, as they come from a socket.
  let spent = 0
  const before = count
  while (spent < seconds * 1000) {
    const texts = Array.from({ length: 40 }, () => Buffer.from(frames()).toString('utf8'))
    const started = performance.now()
    for (const data of texts) Loop.last.onmessage({ data })
    spent += performance.now() - started
  }
  const handled = count - before
  const sent = offset - First
  if (handled !== sent || sum !== sent * First + (sent * (sent + 1)) / 2)
    throw new Error(`${handled} of ${sent} messages came through`)
  client.close()
  return (handled * 1000) / spent
}

async function median(...of) {
  const rates = []
  await measure(...of) // the first run warms up
  for (let i = 0; i < runs; i++) rates.push(await measure(...of))
  return Math.round(rates.sort((a, b) => a - b)[runs >> 1])
}

const price = {
  type: 'message',
  timestamp: '2026-11-20T14:30:05.123Z',
  data: { close: '191.25', vol: 41250000, time: 1763649005123, pad: '' },
  source: 'socket',
}
const alert = {
  type: 'message',
  timestamp: '2026-11-20T14:30:05.123Z',
  data: {
    id: '5f0d3c1e',
    rule_name: 'RepeatedHits',
    ticker: 'JD',
    option_chain: 'JD250516C00039000',
    underlying_price: 35.96,
    volume: 146,
    total_size: 30,
    total_premium: 29326.0,
    trade_ids: Array.from({ length: 24 }, (_, i) => `5f0d3c1e-0000-4000-8000-0000000000${i + 10}`),
    upstream_condition_details: Array.from({ length: 12 }, (_, i) => ({
      code: 'auto',
      count: i,
      ratio: 0.25 * i,
    })),
    pad: '',
  },
  source: 'socket',
}

console.log(`prices ${await median('price:SPY', price, 200, 100)}`)
console.log(`alerts ${await median('flow-alerts', alert, 2000, 1)}`)
