import { ScriptedServer } from '../server/scripted-server.mjs'
import { disconnects } from '../server/shapes.mjs'
import { DriverProcess } from './driver-process.mjs'
import { deliveredOf, expand, matches, short } from './patterns.mjs'

/** What every case starts from: short waits between attempts, and none of the long ones in the way. */
const options = {
  reconnectDelay: 100,
  reconnectBackoffMultiplier: 1.5,
  maxReconnectDelay: 500,
  connectTimeout: 4000,
  heartbeatInterval: 20000,
  heartbeatTimeout: 2000,
  upgradeInterval: 60000,
  batchUpdateDelay: 16,
  maxQueueSize: 1000,
}

class CaseFailure extends Error {}

/** Runs one case against one driver. */
export class CaseRun {
  #case
  #command
  #within
  #say
  #server
  #driver
  #usedEvents = new Set()
  #usedRequests = new Set()
  #expected = new Map()

  /** @param within how long a step waits unless it says otherwise; only a case that fails waits for it */
  constructor(one, { command, within, say = () => {} }) {
    this.#case = one
    this.#command = command
    this.#within = within
    this.#say = say
  }

  /** Undefined when the driver passed, else what was wrong. */
  async run() {
    this.#server = new ScriptedServer(this.#case.server)
    this.#server.on('request', request => this.#say('server', request))
    await this.#server.start()
    this.#driver = new DriverProcess(this.#command, {
      url: this.#server.url,
      options: { ...options, ...this.#case.options },
      subscriptions: this.#case.subscriptions,
    })
    try {
      for (const [index, step] of this.#case.steps.entries()) {
        this.#say('step', step)
        try {
          await this.#step(step)
        } catch (error) {
          if (!(error instanceof CaseFailure)) throw error
          return `step ${index + 1} ${JSON.stringify(step)}: ${error.message}${this.#driverErrors()}`
        }
      }
      return await this.#end()
    } finally {
      this.#driver.kill()
      this.#server.cut()
      await this.#server.stop({ how: 'kill' }).catch(() => {}) // it may be stopped by the case
      for (const event of this.#driver.events) this.#say('driver', event)
    }
  }

  async #end() {
    if (this.#driver.ended === undefined) this.#driver.command({ do: 'stop' })
    const timer = setTimeout(() => this.#driver.kill(), this.#within)
    const { code, signal } = await this.#driver.exit
    clearTimeout(timer)
    if (this.#driver.broken !== undefined) return this.#driver.broken
    if (code !== 0) return `the driver ended with ${signal ?? `exit code ${code}`} after stop, not with 0${this.#driverErrors()}`
    for (const [channel, items] of this.#expected) {
      const delivered = deliveredOf(this.#driver.events, channel)
      if (delivered.join() !== items.join()) return `${channel}: in the end ${short(delivered)} was delivered, not ${short(items)}`
    }
    return undefined
  }

  #driverErrors() {
    const text = this.#driver.errors.trim()
    return text === '' ? '' : `\n    driver: ${text.split('\n').slice(-6).join('\n    ')}`
  }

  async #step(step) {
    const kind = Object.keys(step).find(key => key in this.#steps)
    await this.#steps[kind](step[kind], step)
  }

  #steps = {
    await: (pattern, step) => this.#awaitEvent(pattern, step.within),
    never: pattern => this.#never(pattern),
    delivered: (wanted, step) => this.#awaitDelivered(wanted, step.within),
    covered: wanted => this.#awaitCovered(wanted),
    request: (pattern, step) => this.#awaitRequest(pattern, step.within),
    requests: wanted => this.#countRequests(wanted),
    stats: pattern => this.#awaitStats(pattern),
    quiet: milliseconds => this.#awaitQuiet(milliseconds),
    attempts: bounds => this.#countAttempts(bounds),
    retries: bounds => this.#awaitRetries(bounds),
    driver: command => this.#driver.command(command),
    publish: ({ channel, count, entries }) => this.#server.publish(channel, entries ?? Array.from({ length: count }, () => ({}))),
    position: channel => this.#server.tellPosition(channel),
    send: ({ text, wire }) => this.#server.send(text, wire),
    cut: ({ wire, how }) => this.#server.cut({ wire, how }),
    close: ({ code, wire, told }) => this.#server.close(disconnects[code], { wire, told }),
    network: modes => Object.assign(this.#server.network, modes),
    stop: ({ how }) => this.#server.stop({ how }),
    start: () => this.#server.start(),
    renew: ({ channel, epoch, count = 0, oldest = 0 }) => this.#server.logs.get(channel).renew(epoch, Array.from({ length: count }, () => ({})), oldest),
    unshown: ({ channel, offsets, forGood = false }) => {
      const set = this.#server.logs.get(channel).unshown
      for (const offset of offsets) set.add(offset)
      set.forGood = forGood
    },
    token: token => {
      this.#server.token = token
    },
    unsubscribes: what => (what === 'hold' ? this.#server.holdUnsubscribes() : this.#server.releaseUnsubscribes()),
  }

  /** Until `check` gives something other than undefined, looked at whenever driver or server did something. */
  async #until(check, limit = this.#within, describe = () => '') {
    const found = check()
    if (found !== undefined) return found
    return await new Promise((resolve, reject) => {
      const look = () => {
        try {
          const result = check()
          if (result !== undefined) done(resolve, result)
          else if (this.#driver.ended !== undefined) fail('the driver ended')
          else if (this.#driver.broken !== undefined) fail(this.#driver.broken)
        } catch (error) {
          done(reject, error)
        }
      }
      const fail = why => done(reject, new CaseFailure(`${why}; ${describe()}`))
      const timer = setTimeout(() => fail(`not within ${limit} ms`), limit)
      const done = (settle, value) => {
        clearTimeout(timer)
        this.#driver.off('change', look)
        this.#server.off('request', look)
        settle(value)
      }
      this.#driver.on('change', look)
      this.#server.on('request', look)
      look()
    })
  }

  /** The first event that matches and that no other step has had. */
  #awaitEvent(pattern, limit) {
    return this.#until(
      () => {
        const event = this.#driver.events.find(one => !this.#usedEvents.has(one) && matches(pattern, one))
        if (event !== undefined) this.#usedEvents.add(event)
        return event
      },
      limit,
      () => `the driver's last events: ${JSON.stringify(this.#driver.events.slice(-4))}`,
    )
  }

  #never(pattern) {
    const event = this.#driver.events.find(one => matches(pattern, one))
    if (event !== undefined) throw new CaseFailure(`the driver said ${JSON.stringify(event)}`)
  }

  async #awaitDelivered(wanted, limit) {
    for (const [channel, items] of Object.entries(wanted)) {
      const all = expand(items)
      this.#expected.set(channel, all)
      await this.#until(
        () => {
          const delivered = deliveredOf(this.#driver.events, channel)
          const wrong = delivered.findIndex((item, i) => item !== all[i])
          if (wrong >= 0) throw new CaseFailure(`${channel}: ${short(delivered)} was delivered, not ${short(all)}`)
          return delivered.length === all.length ? delivered : undefined
        },
        limit,
        () => `${channel}: ${short(deliveredOf(this.#driver.events, channel))} was delivered, not ${short(all)}`,
      )
    }
  }

  /** Everything up to an offset was delivered or counted: `offset = previous + 1 + merged + filtered`, event by event. */
  async #awaitCovered(wanted) {
    for (const [channel, [first, last]] of Object.entries(wanted)) {
      await this.#until(
        () => {
          let previous = first - 1
          const events = this.#driver.events.filter(one => one.channel === channel && (one.event === 'publication' || one.event === 'gap'))
          for (const { offset, merged = 0, filtered = 0 } of events) {
            if (offset !== previous + 1 + merged + filtered) throw new CaseFailure(`${channel}: ${offset} with merged ${merged} and filtered ${filtered} came after ${previous}`)
            previous = offset
          }
          return previous === last ? true : undefined
        },
        undefined,
        () => `${channel}: ${short(deliveredOf(this.#driver.events, channel))} was delivered, ${first}-${last} should be covered`,
      )
    }
  }

  #awaitRequest(pattern, limit) {
    return this.#until(
      () => {
        const request = this.#server.requests.find(one => !this.#usedRequests.has(one) && matches(pattern, one))
        if (request !== undefined) this.#usedRequests.add(request)
        return request
      },
      limit,
      () => `the last requests: ${JSON.stringify(this.#server.requests.slice(-4))}`,
    )
  }

  #countRequests({ match, count }) {
    const found = this.#server.requests.filter(one => matches(match, one)).length
    if (!matches(count, found)) throw new CaseFailure(`${found} requests match`)
  }

  async #awaitStats(pattern) {
    for (;;) {
      const before = this.#driver.events.length
      this.#driver.command({ do: 'stats' })
      const event = await this.#until(
        () => this.#driver.events.slice(before).find(one => one.event === 'stats'),
        undefined,
        () => 'no stats came',
      )
      if (!matches(pattern, event)) throw new CaseFailure(`the stats are ${JSON.stringify(event)}`)
      return
    }
  }

  /** What is asked of the server during so long. That nothing comes can only be seen by waiting. */
  async #askedDuring(milliseconds) {
    const before = this.#server.requests.length
    await new Promise(resolve => setTimeout(resolve, milliseconds))
    return this.#server.requests.slice(before)
  }

  async #countAttempts({ during, least, most }) {
    const { length } = await this.#askedDuring(during)
    if (length < least || length > most) throw new CaseFailure(`there were ${length} attempts`)
  }

  async #awaitQuiet(milliseconds) {
    const asked = await this.#askedDuring(milliseconds)
    if (asked.length > 0) throw new CaseFailure(`the client asked: ${JSON.stringify(asked[0])}`)
  }

  /**
   * Cuts the connection `times` times and measures when the client is back. `half` bounds the median, so that one pause of
   * the machine does not count; `spread` is the least difference between the quickest and the slowest.
   */
  async #awaitRetries({ times, half, spread }) {
    const waits = []
    for (let i = 0; i < times; i++) {
      const asked = this.#server.requests.length
      const said = this.#driver.events.length
      const cutAt = performance.now()
      this.#server.cut()
      const request = await this.#until(
        () => this.#server.requests.slice(asked).find(one => one.type === 'open'),
        undefined,
        () => 'the client has not come back',
      )
      waits.push(request.at - cutAt)
      // Until it is served: a client that is cut off before may well become more patient.
      await this.#until(
        () => this.#driver.events.slice(said).find(one => one.event === 'subscribed'),
        undefined,
        () => 'the client came back and has not subscribed',
      )
    }
    const measured = waits.map(wait => Math.round(wait)).join(', ')
    const median = waits.toSorted((a, b) => a - b)[Math.floor(times / 2)]
    if (median > half) throw new CaseFailure(`half of the returns took longer than ${half} ms: ${measured}`)
    if (Math.max(...waits) - Math.min(...waits) < spread) throw new CaseFailure(`the waits are all alike: ${measured} ms`)
    this.#say('waits', measured)
  }
}
