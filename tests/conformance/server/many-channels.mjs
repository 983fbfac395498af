import * as shapes from './shapes.mjs'
import { Reader } from './channel-log.mjs'

/** One connection to `/api/ws`, served from the logs as the real server serves it. */
export class ManyChannels {
  #peer
  #logs
  #record
  #rules
  #readers = new Map()

  /**
   * @param record told each message that the client sends
   * @param rules `token` (the only one that is accepted, when set), `heldUnsubscribes` (answers that wait to be released),
   *   `silent` (nothing is ever said)
   */
  constructor(peer, { id, logs, record, rules }) {
    this.#peer = peer
    this.#logs = logs
    this.#record = record
    this.#rules = rules
    peer.received = text => this.#received(text)
    peer.ended = () => this.end()
    if (!rules.silent) this.#send(shapes.connection(id))
  }

  get channels() {
    return [...this.#readers.keys()]
  }

  tellPosition(channel) {
    this.#readers.get(channel)?.tellPosition()
  }

  close(disconnect, { told = true } = {}) {
    for (const reader of this.#readers.values()) reader.live = false
    if (told) this.#send(shapes.closing(disconnect))
    this.#peer.close(disconnect.code, disconnect.reason)
    this.end()
  }

  /** Sends a text as it stands, whatever it is. */
  raw(text) {
    this.#peer.raw(text)
  }

  cut(how) {
    if (how === 'freeze') {
      // Not ended: to the server the connection looks alive, and what is published goes nowhere.
      this.#peer.freeze()
      return
    }
    this.end()
    if (how === 'end') this.#peer.end()
    else this.#peer.reset()
  }

  end() {
    for (const reader of this.#readers.values()) reader.end()
    this.#readers.clear()
  }

  #received(text) {
    if (this.#rules.silent) return
    let frame
    try {
      frame = JSON.parse(text)
    } catch {
      this.#record({ type: 'malformed', text })
      this.#send(shapes.error(100, 'malformed_json', 'The message is not JSON.'))
      return
    }
    this.#record(frame)
    if (frame.type === 'ping') this.#send(shapes.pong(frame.id))
    else if (frame.type === 'auth') this.#authenticate(frame)
    else if (frame.type === 'subscribe') this.#subscribe(frame)
    else if (frame.type === 'unsubscribe') this.#unsubscribe(frame)
    else if (frame.type === 'history') this.#history(frame)
    else this.#send(shapes.error(103, 'unknown_type', `Unknown message type: '${frame.type}'. Allowed: subscribe, unsubscribe, ping, auth, history.`, { field: 'type', id: frame.id }))
  }

  #authenticate(frame) {
    const { token } = this.#rules
    if (token !== undefined && frame.token !== token) this.close(shapes.disconnects[4001])
    else this.#send(shapes.authenticated(token !== undefined, frame.id))
  }

  #resolve(frame) {
    const name = frame.ticker === undefined ? frame.channel : `${frame.channel}:${frame.ticker}`
    const log = this.#logs.get(name)
    if (log === undefined) {
      const known = [...this.#logs.keys()].join(', ')
      this.#send(shapes.error(106, 'unknown_channel', `Unknown channel: '${name}'. Allowed: ${known}.`, { field: 'channel', id: frame.id }))
    }
    return log
  }

  #subscribe(frame) {
    const log = this.#resolve(frame)
    if (log === undefined) return
    const why = shapes.notAFilter(frame.filter)
    if (why !== undefined) {
      this.#send(shapes.error(105, 'bad_value', why, { field: 'filter', id: frame.id }))
      return
    }
    const held = this.#readers.get(log.name)
    if (held !== undefined) {
      // Confirmed again where it stands: who wants to go back must unsubscribe first.
      this.#send(shapes.subscribed(log, { offset: held.offset, recovered: false }, frame.id))
      return
    }
    const begin = log.begin(frame.since)
    this.#send(shapes.subscribed(log, begin, frame.id))
    const asked = frame.history ?? (frame.since === undefined && /^(ticker:|market_status$)/.test(log.name) ? 100 : 0)
    if (asked > 0 && !begin.recovered) this.#sendHistory(log, log.past(asked, begin.offset), frame.id)
    const reader = new Reader(log, { offset: begin.offset, filter: frame.filter, sink: this })
    this.#readers.set(log.name, reader)
    reader.pump()
  }

  #unsubscribe(frame) {
    const log = this.#resolve(frame)
    if (log === undefined) return
    const reader = this.#readers.get(log.name)
    if (reader === undefined) {
      this.#send(shapes.error(109, 'not_subscribed', `This connection is not subscribed to '${log.name}'.`, { field: 'channel', id: frame.id }))
      return
    }
    const confirm = () => {
      reader.end()
      this.#readers.delete(log.name)
      this.#send(shapes.unsubscribed(log, frame.id))
    }
    if (this.#rules.heldUnsubscribes) this.#rules.heldUnsubscribes.push(confirm)
    else confirm()
  }

  #history(frame) {
    const log = this.#resolve(frame)
    if (log !== undefined) this.#sendHistory(log, log.past(frame.limit ?? 100, (frame.before ?? Infinity) - 1), frame.id)
  }

  #sendHistory(log, entries, id) {
    this.#send(shapes.history(log, entries.filter(entry => !entry.gap), id))
  }

  entry(log, entry, passed) {
    this.#send(shapes.message(log, entry, passed))
  }

  position(log, offset, passed) {
    this.#send(shapes.position(log, offset, passed))
  }

  #send(message) {
    this.#peer.send(JSON.stringify(message))
  }
}
