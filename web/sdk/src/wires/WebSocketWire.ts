import { countOf, type Frame, readFrames, textOr } from '../frames'
import type { Socket } from '../Settings'
import type { Join, Wire, WireContext, WireEnd, WireListener } from './Wire'

/** The subprotocol of several messages to a frame. They are split at newlines either way. */
const Batching = 'tidewire.v1.json'

/** The first ping waits until the page has settled: sooner it would time our own start. */
const FirstPingAfter = 1000
const MaxTimer = 2_147_483_647

/** `/api/ws`: all channels on one socket, which it notices to be dead by pings of its own. */
export class WebSocketWire implements Wire {
  readonly kind = 'websocket'
  readonly #context: WireContext
  readonly #listener: WireListener
  #socket: Socket | null = null
  #isOpen = false
  #isEnded = false
  #closing: Frame | null = null
  #shown = 0
  #heardAt = 0
  #pingAt: number | null = null
  #opening: ReturnType<typeof setTimeout> | undefined
  #watch: ReturnType<typeof setTimeout> | undefined
  #measure: ReturnType<typeof setTimeout> | undefined
  #renewal: ReturnType<typeof setTimeout> | undefined

  constructor(context: WireContext, listener: WireListener) {
    this.#context = context
    this.#listener = listener
    context.token.get().then(
      token => this.#open(token),
      (fault: Error) => this.#end(1006, fault.message, true),
    )
  }

  join({ id, channel, filter, maxRate, since, history }: Join): void {
    this.#send({
      type: 'subscribe',
      channel,
      ...(since !== null && { since }),
      ...(history !== null && { history }),
      ...(filter !== null && { filter }),
      ...(maxRate !== null && { max_rate: maxRate }),
      id,
    })
  }

  leave(channel: string): void {
    this.#send({ type: 'unsubscribe', channel })
  }

  close(): void {
    this.#isEnded = true
    for (const timer of [this.#opening, this.#watch, this.#measure, this.#renewal]) clearTimeout(timer)
    const socket = this.#socket
    this.#socket = null
    if (socket === null) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.onerror = () => undefined
    socket.close()
  }

  #open(token: string | null): void {
    if (this.#isEnded) return
    const { WebSocket, url, connectTimeout } = this.#context.settings
    this.#opening = setTimeout(() => this.#end(1006, 'it did not open in time'), connectTimeout)
    let socket: Socket
    try {
      if (WebSocket === undefined) throw new TypeError()
      // A browser fails the connection to a server that answers none: then the next attempt asks for none.
      const protocols = this.#context.plain ? [] : [Batching]
      this.#context.plain = protocols.length > 0
      socket = new WebSocket(`${url.replace(/^http/, 'ws')}/api/ws`, protocols)
    } catch {
      this.#end(1006, 'no WebSocket opens here')
      return
    }
    this.#socket = socket
    socket.onopen = () => {
      this.#context.plain = false
      if (token !== null) this.#send({ type: 'auth', token })
    }
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') this.#read(data)
    }
    socket.onclose = ({ code, reason }) => this.#end(code, reason)
    socket.onerror = () => undefined
  }

  #read(text: string): void {
    const { tally } = this.#context
    // Not the time of day, which may be set back while this waits.
    this.#heardAt = performance.now()
    const now = Date.now()
    tally.errors += readFrames(text, frame => {
      if (this.#isEnded) return
      tally.received++
      tally.lastMessageAt = now
      this.#shown++
      if (frame.type === 'connection') this.#opened(frame)
      else if (frame.type === 'pong') this.#answered(frame)
      else if (frame.type === 'closing') this.#closing = frame
      else this.#listener.received(frame)
    })
  }

  #opened(frame: Frame): void {
    clearTimeout(this.#opening)
    const now = Date.now()
    this.#context.tally.clock(frame.timestamp, now, now)
    this.#isOpen = true
    this.#watchFor(this.#context.settings.heartbeatInterval)
    this.#measure = setTimeout(() => this.#ping(), FirstPingAfter)
    this.#renewLater()
    this.#listener.opened()
  }

  /** Looks again when nothing would have come for the interval. */
  #watchFor(time: number): void {
    clearTimeout(this.#watch)
    this.#watch = setTimeout(() => {
      const { heartbeatInterval, heartbeatTimeout } = this.#context.settings
      const silent = performance.now() - this.#heardAt
      if (silent < heartbeatInterval) {
        this.#watchFor(heartbeatInterval - silent)
        return
      }
      const asked = this.#heardAt
      this.#ping()
      this.#watch = setTimeout(() => {
        // Whatever was heard since is a sign of life.
        if (this.#heardAt === asked) this.#end(1006, 'it was silent and did not answer a ping')
        else this.#watchFor(heartbeatInterval)
      }, heartbeatTimeout)
    }, time)
  }

  #ping(): void {
    this.#pingAt = performance.now()
    this.#send({ type: 'ping' })
  }

  #answered(frame: Frame): void {
    if (this.#pingAt === null) return
    const { tally, settings } = this.#context
    const took = this.#heardAt - this.#pingAt
    const now = Date.now()
    tally.roundTripMs = Math.round(took)
    tally.clock(frame.timestamp, now - took, now)
    this.#pingAt = null
    // A stream that never pauses has a round trip too, and it changes.
    clearTimeout(this.#measure)
    this.#measure = setTimeout(() => this.#ping(), settings.heartbeatInterval)
  }

  #renewLater(): void {
    const { token } = this.#context
    const wait = token.renewAt - Date.now()
    if (wait > MaxTimer) return
    this.#renewal = setTimeout(
      () => {
        token.get().then(
          renewed => {
            if (this.#isEnded) return
            this.#send({ type: 'auth', token: renewed })
            this.#renewLater()
          },
          // The server closes with 4010 when it expires, and the callback is asked again.
          () => undefined,
        )
      },
      Math.max(1000, wait),
    )
  }

  #send(message: Record<string, unknown>): void {
    if (this.#socket === null) return
    try {
      this.#socket.send(JSON.stringify(message))
      this.#context.tally.sent++
    } catch {
      // A socket that is closing refuses to send; its end follows and all that was asked is asked again.
    }
  }

  #end(code: number, reason: string, isOurs = false): void {
    if (this.#isEnded) return
    const said = this.#closing
    const end: WireEnd = {
      // Some proxies take the code away; the closing message still has it.
      code: said !== null && (code === 1005 || code === 1006) ? countOf(said.code) : code,
      reason: reason || textOr(said?.reason, ''),
      reconnect: said?.reconnect !== false,
      // A code was given by a server that speaks this wire.
      worked: (this.#isOpen && this.#shown > 1) || (code !== 1005 && code !== 1006),
      isOurs,
    }
    this.close()
    this.#listener.ended(end)
  }
}
