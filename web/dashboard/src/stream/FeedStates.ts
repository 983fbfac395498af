import { Cell, type Readable } from './Cell'
import { asObject, asText, asTime } from './json'

/** What the server has measured of a feed, whatever its documentation says. */
export type Measured = 'verified' | 'silent' | 'refused' | 'fallback' | 'derived' | 'unknown'

const Known: readonly string[] = [
  'verified',
  'silent',
  'refused',
  'fallback',
  'derived',
  'unknown',
] satisfies Measured[]

/** One channel as the server describes it. Times are epoch ms on the server's clock. */
export interface ChannelState {
  readonly measured: Measured
  /** Why it is so, in the server's words, or null. */
  readonly reason: string | null
  readonly lastAt: number | null
}

/** What is measured of each channel that exists at the server, by channel name. */
export type ChannelStates = ReadonlyMap<string, ChannelState>

/** What is said of a channel that nobody has asked for yet. */
export const NotMeasured: ChannelState = { measured: 'unknown', reason: null, lastAt: null }

/** Reads an answer of `/api/stream/channels`. Null when it is not one. */
export function parseChannelStates(body: unknown): ChannelStates | null {
  const feeds = asObject(body)?.channels
  if (!Array.isArray(feeds)) return null
  const states = new Map<string, ChannelState>()
  for (const feed of feeds as unknown[]) {
    const id = asText(asObject(feed)?.id)
    const measured = asText(asObject(feed)?.measured)
    // Of a feed that nobody reads now, what was measured last.
    if (id !== null && measured !== null)
      states.set(id, { ...NotMeasured, measured: measuredOf(measured, null) })
    const active = asObject(feed)?.active
    if (!Array.isArray(active)) continue
    for (const entry of active as unknown[]) {
      const channel = asObject(entry)
      const name = asText(channel?.channel)
      if (channel === null || name === null) continue
      states.set(name, {
        measured: measuredOf(asText(channel.measured), asText(channel.state)),
        reason: asText(channel.reason),
        lastAt: asTime(channel.last_at),
      })
    }
  }
  return states
}

/** An older server says only the state; then it is what follows from that. */
function measuredOf(measured: string | null, state: string | null): Measured {
  if (measured !== null) return Known.includes(measured) ? (measured as Measured) : 'unknown'
  if (state === 'live') return 'verified'
  return state !== null && Known.includes(state) ? (state as Measured) : 'unknown'
}

const PollEvery = 5_000
const FirstAfter = 1_000
const AnswerWithin = 4_000

/** How to ask the server. Injected, so that a test answers. */
export interface ChannelStateSource {
  /** The body of `/api/stream/channels`. Rejects when the server does not answer or answers an error. */
  ask(signal: AbortSignal): Promise<unknown>
}

/** What the server measures of its channels: asked every few seconds, and only while somebody reads it. */
export class FeedStates implements Readable<ChannelStates> {
  readonly #source: ChannelStateSource
  readonly #cell = new Cell<ChannelStates>(new Map())
  #readers = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #asking: AbortController | null = null

  constructor(source: ChannelStateSource) {
    this.#source = source
  }

  readonly get = (): ChannelStates => this.#cell.get()

  readonly subscribe = (reader: () => void): (() => void) => {
    const end = this.#cell.subscribe(reader)
    this.#readers++
    // A moment later, when the panels have subscribed: what is measured begins with somebody asking.
    if (this.#readers === 1) this.#timer = setTimeout(() => void this.#poll(), FirstAfter)
    let isEnded = false
    return () => {
      if (isEnded) return
      isEnded = true
      end()
      this.#readers--
      if (this.#readers > 0) return
      clearTimeout(this.#timer)
      this.#asking?.abort()
      this.#asking = null
    }
  }

  async #poll(): Promise<void> {
    const asking = new AbortController()
    this.#asking = asking
    const expiry = setTimeout(() => asking.abort(), AnswerWithin)
    try {
      const states = parseChannelStates(await this.#source.ask(asking.signal))
      if (states !== null && this.#asking === asking) this.#cell.set(states)
    } catch {
      // No answer: what was measured last stays, and the status pill says that the server is away.
    } finally {
      clearTimeout(expiry)
    }
    if (this.#readers > 0 && this.#asking === asking) {
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => void this.#poll(), PollEvery)
    }
  }
}
