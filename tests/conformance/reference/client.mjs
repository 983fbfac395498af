import { wires } from './wires.mjs'

const final = new Set([1008, 1009, 4001, 4003])
const firstRetry = 400
const defaults = {
  reconnectDelay: 1000,
  reconnectBackoffMultiplier: 1.5,
  maxReconnectDelay: 30_000,
  connectTimeout: 10_000,
  heartbeatInterval: 30_000,
  heartbeatTimeout: 5000,
  upgradeInterval: 30_000,
  maxQueueSize: 1000,
}

/** A naive client: enough to pass the kit, and no more. `fault` names what it then does wrong. */
export class ReferenceClient {
  subscriptions = new Map()
  counts = { messagesReceived: 0, messagesSent: 0, updatesApplied: 0, duplicates: 0, reconnects: 0, errors: 0, lastMessageTime: null }
  #wire = 0
  #failures = 0
  #retries = 0
  #session
  #probe
  #better
  #open = false
  #closed = false

  constructor({ url, options, fault, tell }) {
    Object.assign(this, { url, options: { ...defaults, ...options }, fault, tell, token: options.token })
  }

  start() {
    this.#connect()
  }

  subscribe({ channel, since, filter, history = 0, maxRate = 0 }) {
    const sub = { channel, ...since, filter, history, maxRate, queue: [], paused: false }
    this.subscriptions.set(channel, sub)
    if (this.#open) this.#session.subscribe(sub)
  }

  unsubscribe(channel) {
    const sub = this.subscriptions.get(channel)
    if (sub === undefined) return
    if (this.fault !== 'deaf-to-unsubscribe') this.subscriptions.delete(channel)
    if (this.#open) this.#session.unsubscribe(sub)
  }

  pause(channel) {
    this.subscriptions.get(channel).paused = true
  }

  resume(channel) {
    const sub = this.subscriptions.get(channel)
    sub.paused = false
    for (const event of sub.queue.splice(0)) this.tell(event)
    if (!sub.behind) return
    sub.behind = false
    if (this.#open) this.#session.subscribe(sub)
  }

  stats() {
    const queueSize = [...this.subscriptions.values()].reduce((sum, sub) => sum + sub.queue.length, 0)
    return {
      ...this.counts,
      connected: this.#open,
      reconnecting: !this.#open && !this.#closed,
      reconnectAttempts: this.#retries,
      subscriptions: [...this.subscriptions.keys()],
      queueSize,
      pendingUpdates: queueSize,
      cacheSize: 0,
      wire: wires[this.#wire].name,
    }
  }

  close() {
    this.#closed = true
    this.#session?.close()
    this.#probe?.close()
    this.#state('closed')
  }

  // ---- what a session tells ----

  opened(session) {
    if (session !== this.#session && session !== this.#probe) return
    if (session === this.#probe) {
      const old = this.#session
      this.#probe = undefined
      this.#session = session
      this.#wire = session.wire
      old?.close()
      if (this.fault === 'returns-with-a-cut') for (const sub of this.subscriptions.values()) sub.epoch = undefined
    }
    this.#open = true
    this.#retries = 0
    this.#state('connected')
    if (this.#wire === 0) for (const sub of this.subscriptions.values()) if (!sub.behind) session.subscribe(sub)
    this.#tryBetter()
  }

  ended(session, code, alive) {
    if (session === this.#probe) this.#probe = undefined
    if (session !== this.#session || this.#closed) return
    this.#session = undefined
    this.#open = false
    for (const sub of this.subscriptions.values()) sub.awaited = undefined
    const why = this.closing?.code ?? code
    const turnedAway = final.has(why) || this.closing?.reconnect === false
    this.closing = undefined
    if ((turnedAway && this.fault !== 'comes-back-after-1008') || (why === 1001 && this.fault === 'ends-after-1001')) {
      this.tell({ event: 'error', code: why, message: 'turned away' })
      this.tell({ event: 'closed', code: why })
      this.close()
      return
    }
    if (why === 4010 && this.fault !== 'keeps-old-token') this.token = this.nextToken ?? this.token
    if (alive) this.#failures = 0
    if (!alive && ++this.#failures === 2 && this.fault !== 'never-falls-back') {
      this.#failures = 0
      this.#wire = (this.#wire + 1) % wires.length
    }
    this.counts.reconnects++
    this.#state('reconnecting')
    setTimeout(() => this.#connect(), this.#delay(why))
  }

  refused({ code, message }, sub) {
    this.counts.errors++
    if (this.fault !== 'swallows-errors') this.tell({ event: 'error', code, message })
    if (sub !== undefined) this.subscriptions.delete(sub.channel)
  }

  subscribed(sub, { epoch, offset, recovered, reason }) {
    sub.awaited = undefined
    const lost = sub.epoch !== undefined && !recovered
    if (lost && this.fault !== 'ignores-reset') this.#deliver(sub, { event: 'reset', channel: sub.channel, reason })
    if (!recovered) Object.assign(sub, { epoch, offset })
    this.tell({ event: 'subscribed', channel: sub.channel, epoch, offset, recovered })
  }

  history(sub, messages) {
    for (const message of messages) if (this.fault !== 'no-history') this.#publication(sub, message)
  }

  position(sub, { epoch, offset }) {
    if (epoch === sub.epoch && offset < sub.offset) return
    if (this.fault !== 'ignores-position') Object.assign(sub, { epoch, offset })
  }

  entry(sub, message) {
    if (sub.behind || sub.awaited !== undefined) return
    if (message.offset <= sub.offset && this.fault !== 'no-dedupe') {
      this.counts.duplicates++
      return
    }
    const passed = (message.merged ?? 0) + (message.filtered ?? 0)
    if (message.offset > sub.offset + 1 + passed && this.fault !== 'blind-to-holes') {
      this.#deliver(sub, { event: 'missed', channel: sub.channel, from: sub.offset + 1, to: message.offset - 1 - passed })
      if (sub.hole !== sub.offset) {
        sub.hole = sub.offset
        this.#session.again(sub)
        return
      }
    }
    if (sub.queue.length >= this.options.maxQueueSize && this.fault !== 'unbounded-queue') {
      // What does not fit is read again from the position once there is room.
      sub.behind = this.fault !== 'drops-overflow'
      if (sub.behind) this.#session.unsubscribe(sub)
      else sub.offset = message.offset
      return
    }
    sub.offset = message.offset
    this.counts.messagesReceived++
    this.counts.updatesApplied++
    this.counts.lastMessageTime = new Date().toISOString()
    if (message.type !== 'gap') this.#publication(sub, message)
    else if (this.fault !== 'ignores-gaps') this.#deliver(sub, { ...message, type: undefined, event: 'gap' })
  }

  since(sub) {
    if (sub.epoch === undefined || this.fault === 'never-resumes') return {}
    const shift = { 'resumes-early': -1, 'resumes-late': 1 }[this.fault] ?? 0
    const of = this.fault === 'one-position-for-all' ? [...this.subscriptions.values()][0] : sub
    return { since: { epoch: of.epoch, offset: Math.max(0, of.offset + shift) } }
  }

  // ---- within ----

  #connect() {
    if (this.#closed) return
    this.#session = wires[this.#wire](this)
    this.#session.wire = this.#wire
  }

  /** Beside the wire in use, which goes on until a better one has shown life. */
  #tryBetter(wire = 0) {
    clearTimeout(this.#better)
    if (this.#closed || this.#wire === 0 || this.fault === 'never-returns') return
    this.#better = setTimeout(() => {
      if (this.#open && this.#probe === undefined && wire < this.#wire) {
        this.#probe = wires[wire](this)
        this.#probe.wire = wire
      }
      this.#tryBetter((wire + 1) % Math.max(1, this.#wire))
    }, this.options.upgradeInterval)
  }

  #delay(code) {
    if (this.fault === 'hammers') return 1
    if (this.fault === 'no-jitter') return 200
    if (this.fault === 'slow-first-retry') return 1500
    const { retryAfter = 0 } = this
    this.retryAfter = 0
    if (retryAfter > 0) return retryAfter * (1 + Math.random())
    const { reconnectDelay, reconnectBackoffMultiplier, maxReconnectDelay } = this.options
    if (code === 4009 && this.fault !== 'hurries-after-4009') return reconnectDelay * (1 + Math.random())
    if (this.#retries++ === 0) return Math.random() * firstRetry
    return Math.random() * Math.min(maxReconnectDelay, reconnectDelay * reconnectBackoffMultiplier ** (this.#retries - 2))
  }

  #publication(sub, message) {
    const { channel, offset, data = message, merged, filtered, source, replaces, timestamp } = message
    const told = { merged: this.fault === 'drops-merged' ? undefined : merged, filtered: this.fault === 'drops-filtered' ? undefined : filtered, replaces: this.fault === 'drops-replaces' ? undefined : replaces }
    this.#deliver(sub, { event: 'publication', channel, epoch: sub.epoch, offset, timestamp, data, source, ...told })
  }

  #deliver(sub, event) {
    if (sub.paused) sub.queue.push(event)
    else this.tell(event)
  }

  #state(state) {
    this.tell({ event: 'state', state, wire: wires[this.#wire].name })
  }
}
