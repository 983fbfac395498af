import type { Past } from '../Channel'
import { pathOf } from '../Feed'
import { countOf, type Frame, isObject, positionOf, readFrame, textOr } from '../frames'
import { formatPosition, type Position, parsePosition } from '../Position'
import { TidewireError } from '../TidewireError'
import { eventReader } from './eventStream'
import type { Join, Wire, WireContext, WireEnd, WireListener } from './Wire'

/** A browser opens six connections to an origin at most, when it speaks HTTP/1.1; some stay free for the page. */
const BrowserStreams = 4
/** How long a poll waits for the first entry at most, s; and when polls have to take turns. */
const Wait = 25
const WaitInTurns = 1
/** Where polls are answered with nothing at once, as by a cache in between, so long between two of them, ms. */
const Pace = 1000

/** A request that was answered with something else than what was asked for. */
interface Refusal {
  readonly status: number
  readonly body: Frame
  readonly retryAfter?: number | undefined
}

/**
 * The wires over plain HTTP. `sse`: a stream of server-sent events for each channel, read with `fetch`; where a browser
 * allows no more connections, further channels are polled. `poll`: long polls only. Messages are handed on in the form
 * of `/api/ws`.
 */
export class HttpWire implements Wire {
  readonly kind: 'sse' | 'poll'
  readonly #context: WireContext
  readonly #listener: WireListener
  readonly #channels = new Map<string, AbortController>()
  readonly #streams = new Set<AbortController>()
  readonly #places: number
  readonly #turns: (() => void)[] = []
  readonly #wait: number
  #polling = 0
  #isOpen = false
  #isEnded = false

  constructor(kind: 'sse' | 'poll', context: WireContext, listener: WireListener, places = placesHere()) {
    this.kind = kind
    this.#context = context
    this.#listener = listener
    this.#places = places
    this.#wait = Math.ceil(Math.min(Wait, context.settings.heartbeatInterval / 1000))
  }

  join(join: Join): void {
    this.leave(join.channel)
    const stop = new AbortController()
    this.#channels.set(join.channel, stop)
    const isStream = this.kind === 'sse' && this.#streams.size < this.#places - 1
    if (isStream) this.#streams.add(stop)
    const run = isStream ? this.#stream(join, stop) : this.#poll(join, stop)
    run.catch((fault: unknown) => {
      if (!stop.signal.aborted || stop.signal.reason === TimedOut) this.#failed(join, fault)
    })
  }

  leave(channel: string): void {
    const stop = this.#channels.get(channel)
    if (stop === undefined) return
    this.#channels.delete(channel)
    this.#streams.delete(stop)
    stop.abort()
  }

  close(): void {
    this.#isEnded = true
    for (const channel of [...this.#channels.keys()]) this.leave(channel)
    for (const turn of this.#turns.splice(0)) turn()
  }

  async #stream(join: Join, stop: AbortController): Promise<void> {
    const { connectTimeout, heartbeatInterval, heartbeatTimeout } = this.#context.settings
    await this.#context.token.get() // its time is its own
    let watch = watchOver(stop, connectTimeout)
    try {
      const response = await request(this.#context, `sse/${pathOf(join.channel)}`, queryOf(join), stop.signal)
      let isFirst = true
      let closing: Frame | null = null
      const read = eventReader(({ id, event, data }) => {
        if (stop.signal.aborted) return
        const position = parsePosition(id ?? '')
        const frame = data === null ? null : readFrame(data)
        if (data !== null && frame === null) this.#context.tally.errors++
        if (event === 'closing') closing = frame
        else if (isFirst) {
          isFirst = false
          this.#began(join, position, frame)
        } else if (frame !== null) this.#received(frame)
        else if (position !== null && data === null)
          this.#received({ type: 'position', channel: join.channel, ...position })
      })
      const body = response.body as ReadableStream<BufferSource>
      const reader = body.pipeThrough(new TextDecoderStream()).getReader()
      while (true) {
        const { done, value } = await reader.read()
        if (stop.signal.aborted) throw stop.signal.reason
        if (done) break
        clearTimeout(watch)
        watch = watchOver(stop, heartbeatInterval + heartbeatTimeout)
        read(value)
      }
      const said = closing as Frame | null
      this.#end({
        code: countOf(said?.code) || 1006,
        reason: textOr(said?.reason, 'the stream ended'),
        reconnect: said?.reconnect !== false,
        worked: said !== null || this.#isOpen,
      })
    } finally {
      clearTimeout(watch)
    }
  }

  async #poll(join: Join, stop: AbortController): Promise<void> {
    let since = join.since
    for (let isFirst = true; !stop.signal.aborted; isFirst = false) {
      await this.#turn()
      const asked = performance.now()
      let answer: Frame
      try {
        if (stop.signal.aborted) return
        // A poll that waits shows nothing; the first one shows that the wire works.
        const wait = isFirst ? 0 : this.#channels.size <= this.#places ? this.#wait : WaitInTurns
        answer = await poll(this.#context, join, since, wait, stop)
      } finally {
        const next = this.#turns.shift()
        if (next)
          next() // the place goes on to who waited for it
        else this.#polling--
      }
      if (stop.signal.aborted) return
      const { position, entries: messages } = pastOf(answer)
      if (isFirst || (since !== null && answer.recovered === false))
        this.#began(join, startOf(position, messages, since, answer.recovered === true), answer)
      for (const message of messages) {
        if (stop.signal.aborted) return
        this.#received(message)
      }
      const { merged, filtered } = answer
      if (messages.length === 0)
        this.#received({ type: 'position', channel: join.channel, ...position, merged, filtered })
      if (!isFirst && messages.length === 0 && performance.now() - asked < Pace / 2)
        await new Promise(resolve => setTimeout(resolve, Pace))
      since = position
    }
  }

  /** Waits until one more poll may be under way. */
  async #turn(): Promise<void> {
    const most = Math.max(1, this.#places - this.#streams.size)
    if (this.#polling >= most) await new Promise<void>(resolve => this.#turns.push(resolve))
    else this.#polling++
  }

  #began(join: Join, position: Position | null, frame: Frame | null): void {
    this.#opened()
    this.#received({
      type: 'subscription',
      action: 'subscribed',
      recovered: join.since !== null,
      timestamp: '',
      ...frame,
      ...position,
      channel: join.channel,
      id: join.id,
    })
  }

  #received(frame: Frame): void {
    const { tally } = this.#context
    tally.received++
    tally.lastMessageAt = Date.now()
    this.#listener.received(frame)
  }

  #failed(join: Join, fault: unknown): void {
    const { canRenew } = this.#context.token
    if (fault instanceof TidewireError) {
      this.#fails(fault.code, fault.message, false)
      return
    }
    const { status, body, retryAfter } =
      isObject(fault) && isObject(fault.body) ? (fault as unknown as Refusal) : NoAnswer
    const error = textOr(body.error, null)
    const reason = textOr(body.message, status === 0 ? 'nothing came' : `HTTP ${status}`)
    if ((status === 400 || status === 404) && error !== null) {
      this.#channels.delete(join.channel)
      this.#opened()
      this.#listener.received({
        type: 'error',
        id: join.id,
        code: status === 404 ? 106 : 105,
        message: reason,
      })
      return
    }
    let code = 1006
    if (status === 401) code = canRenew ? 4010 : 4001
    // A proxy forbids too, but not in these words.
    else if (status === 403 && error === 'forbidden') code = 4003
    const worked = this.#isOpen || code !== 1006 || retryAfter !== undefined
    this.#fails(code, reason, worked, retryAfter)
  }

  #fails(code: number, reason: string, worked: boolean, retryAfter?: number): void {
    this.#end({ code, reason, worked, retryAfter, reconnect: true })
  }

  #opened(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    this.#listener.opened()
  }

  #end(end: WireEnd): void {
    if (this.#isEnded) return
    this.close()
    this.#listener.ended(end)
  }
}

/** The present position of a channel, and what came before it. */
export async function fetchPast(
  context: WireContext,
  channel: string,
  filter: string | null,
  history: number,
): Promise<Past> {
  const join: Join = { id: 0, channel, filter, history, since: null, maxRate: null }
  const answer = await poll(context, join, null, 0, new AbortController())
  return pastOf(answer)
}

function pastOf({ position, messages }: Frame): Past {
  const at = isObject(position) ? positionOf(position) : null
  if (at === null || !Array.isArray(messages)) throw NoAnswer
  return { position: at, entries: messages.filter(isObject) }
}

const NoAnswer: Refusal = { status: 0, body: {} }
const TimedOut = 'nothing came in time'

/** Gives a request up after so long. */
function watchOver(request: AbortController, within: number): ReturnType<typeof setTimeout> {
  return setTimeout(() => request.abort(TimedOut), within)
}

async function poll(
  context: WireContext,
  join: Join,
  since: Position | null,
  wait: number,
  stop: AbortController,
): Promise<Frame> {
  await context.token.get() // its time is its own
  const watch = watchOver(stop, wait * 1000 + context.settings.connectTimeout)
  try {
    const query = queryOf({ ...join, since })
    query.set('wait', String(wait))
    const response = await request(context, `poll/${pathOf(join.channel)}`, query, stop.signal)
    const answer = readFrame(await response.text())
    if (answer === null) throw NoAnswer
    return answer
  } finally {
    clearTimeout(watch)
  }
}

function queryOf({ since, filter, history }: Join): URLSearchParams {
  const query = new URLSearchParams()
  // In the URL and not as Last-Event-ID: a header of its own would cost a page of another origin one more request.
  if (since !== null) query.set('since', formatPosition(since))
  if (history !== null && history > 0) query.set('history', String(history))
  if (filter !== null) query.set('filter', filter)
  return query
}

async function request(
  context: WireContext,
  path: string,
  query: URLSearchParams,
  signal: AbortSignal,
): Promise<Response> {
  const { settings, tally } = context
  const token = await context.token.get()
  tally.sent++
  const response = await settings.fetch(`${settings.url}/api/stream/${path}?${query}`, {
    signal,
    cache: 'no-store',
    ...(token !== null && { headers: { Authorization: `Bearer ${token}` } }),
  })
  const type = response.headers.get('content-type') ?? ''
  if (response.ok && /event-stream|json/.test(type)) return response
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  const body = /json/.test(type) ? readFrame(await response.text()) : null
  const refusal: Refusal = {
    status: response.status,
    body: body ?? {},
    retryAfter: seconds >= 0 ? seconds * 1000 : undefined,
  }
  throw refusal
}

/** Where an answer begins: after `since`, or in front of its first entry. */
function startOf(
  position: Position,
  messages: readonly Frame[],
  since: Position | null,
  recovered: boolean,
): Position {
  const first = messages[0]
  if (recovered && since !== null) return since
  if (first === undefined) return position
  return {
    epoch: position.epoch,
    offset: countOf(first.offset) - 1 - countOf(first.merged) - countOf(first.filtered),
  }
}

function placesHere(): number {
  return 'process' in globalThis ? Number.POSITIVE_INFINITY : BrowserStreams
}
