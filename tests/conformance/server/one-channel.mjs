import * as shapes from './shapes.mjs'
import { Reader } from './channel-log.mjs'

export const parsePosition = text => {
  const colon = text?.lastIndexOf(':') ?? -1
  return colon < 0 ? undefined : { epoch: text.slice(0, colon), offset: Number(text.slice(colon + 1)) }
}

/** Where a stream of one channel begins: like any subscription, but history is read from the log, gaps and all. */
function begin(log, { since, history }) {
  const begun = log.begin(since)
  if (begun.recovered || history === 0) return begun
  const first = log.past(history, begun.offset)[0]
  return first === undefined ? begun : { ...begun, offset: first.offset - 1 }
}

/** One stream of server-sent events, from the request to the end. */
export class EventStream {
  #response
  #reader
  #style
  #frozen = false

  constructor(response, { log, since, history, filter, style }) {
    this.#response = response
    this.#style = style
    this.log = log
    response.socket.setNoDelay(true)
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', Vary: 'Origin', 'X-Accel-Buffering': 'no' })
    const begun = begin(log, { since, history })
    const refused =
      since !== undefined && !begun.recovered
        ? `event: subscription\ndata: ${JSON.stringify(shapes.subscribed(log, begun))}\n`
        : ''
    this.raw(`retry: 1000\nid: ${log.epoch}:${begun.offset}\n${refused}\n`)
    this.#reader = new Reader(log, { offset: begun.offset, filter, sink: this })
    response.on('close', () => this.#reader.end())
    this.#reader.pump()
  }

  tellPosition() {
    this.#reader.tellPosition()
  }

  raw(text) {
    if (this.#frozen) return
    if (this.#style !== 'dribbled') {
      this.#response.write(text)
      return
    }
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += 5) this.#response.write(bytes.subarray(at, at + 5))
  }

  close(disconnect, { told = true } = {}) {
    this.#reader.end()
    if (told) this.raw(`event: closing\ndata: ${JSON.stringify(shapes.closing(disconnect))}\n\n`)
    this.#response.end()
  }

  cut(how) {
    if (how === 'freeze') {
      this.#frozen = true
      return
    }
    this.#reader.end()
    if (how === 'end') this.#response.end()
    else this.#response.socket?.resetAndDestroy()
  }

  entry(log, entry, passed) {
    this.raw(`id: ${log.epoch}:${entry.offset}\n${entry.gap ? 'event: gap\n' : ''}data: ${JSON.stringify(shapes.envelope(log, entry, passed))}\n\n`)
  }

  position(log, offset, passed) {
    const told = passed.merged + passed.filtered > 0
    const data = told ? `event: position\ndata: ${JSON.stringify(shapes.position(log, offset, passed))}\n\n` : '\n'
    this.raw(`id: ${log.epoch}:${offset}\n${data}`)
  }
}

/** One long poll: answered with the first entries, when it has waited long enough, or when something ends it. */
export class LongPoll {
  #response
  #reader
  #timer
  #messages = []
  #frozen = false
  #begun
  #limit

  constructor(response, { log, since, history, filter, wait, limit }) {
    this.#response = response
    this.#limit = limit
    this.log = log
    this.#begun = begin(log, { since, history })
    this.#reader = new Reader(log, { offset: this.#begun.offset, filter, sink: this })
    this.last = undefined
    response.on('close', () => {
      clearTimeout(this.#timer)
      this.#reader.end()
    })
    this.#reader.pump()
    if (this.#messages.length > 0 || !this.#begun.recovered || wait === 0) this.answer()
    else this.#timer = setTimeout(() => this.answer(), wait * 1000)
  }

  tellPosition() {
    this.answer()
  }

  answer() {
    if (this.#frozen || this.#response.writableEnded || this.#response.destroyed) return
    clearTimeout(this.#timer)
    const passed = this.last === undefined ? this.#reader.takePassed() : { merged: 0, filtered: 0 }
    const body = shapes.pollAnswer(this.log, this.#messages, this.last ?? this.#reader.offset, { ...this.#begun, ...passed })
    this.#reader.end()
    const bytes = Buffer.from(JSON.stringify(body))
    this.#response.writeHead(200, { 'Content-Length': bytes.length, 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store', Vary: 'Origin' })
    this.#response.end(bytes)
  }

  /** The server stops: a poll is answered with what there is, and carries no closing code. */
  close() {
    this.answer()
  }

  cut(how) {
    clearTimeout(this.#timer)
    if (how === 'freeze') this.#frozen = true
    else {
      this.#reader.end()
      this.#response.socket?.resetAndDestroy()
    }
  }

  raw() {}

  entry(log, entry, passed) {
    this.#messages.push(shapes.envelope(log, entry, passed))
    this.last = entry.offset
    if (this.#messages.length === this.#limit) this.#reader.live = false
    // What is published in one go comes in one answer.
    setImmediate(() => this.answer())
  }

  position() {}
}
