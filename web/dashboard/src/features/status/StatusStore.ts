import type { Stats } from '@tidewire/sdk'
import { Cell, type Readable } from '../../stream/Cell'
import { asObject, asTime } from '../../stream/json'
import type { Link } from '../../stream/Link'
import type { ServerClock } from '../../stream/ServerClock'
import { parseServerStatus, type ServerStatus } from './ServerStatus'

const PollEvery = 1_000
const AnswerWithin = 4_000

/** What the page is worth right now, in one word. */
export type Condition =
  | 'live'
  | 'demo'
  | 'connecting'
  | 'reconnecting'
  | 'offline'
  | 'not_entitled'
  | 'disabled'
  | 'refused'

/** Everything the pill, the popover and the notice say. Times are epoch ms on the server's clock. */
export interface StatusView {
  readonly condition: Condition
  /** Since when this condition holds. Offline: the server's last answer. */
  readonly since: number | null
  readonly status: ServerStatus | null
  readonly link: Link
  /** What the page's connection has counted and measured. */
  readonly stats: Stats
  /** The attempt under way or waited for, while something reconnects or asks again. */
  readonly attempt: number
  readonly nextAttemptAt: number | null
}

/** What a condition is derived from. */
export interface Evidence {
  readonly status: ServerStatus | null
  /** Whether the last poll was answered; null before the first has come back. */
  readonly answering: boolean | null
  readonly link: Link
  /** Whether data was flowing earlier, so that a new attempt is a reconnect and not a first try. */
  readonly wasFlowing: boolean
}

/** The one place where evidence becomes a condition. */
export function conditionOf({ status, answering, link, wasFlowing }: Evidence): Condition {
  const isOpen = link.state === 'connected'
  if (answering === false && !isOpen) return 'offline'
  if (link.fault !== null) return 'refused'
  if (status === null) return 'connecting'
  switch (status.state) {
    case 'disabled':
      return 'disabled'
    case 'not_entitled':
      return 'not_entitled'
    case 'disconnected':
      return 'reconnecting'
    case 'connecting':
      return wasFlowing || status.upstream.attempt > 1 ? 'reconnecting' : 'connecting'
    case 'connected':
    case 'simulated':
      if (isOpen) return status.simulated || status.state === 'simulated' ? 'demo' : 'live'
      return link.wasConnected ? 'reconnecting' : 'connecting'
    default:
      return status.state satisfies never
  }
}

/** How to ask the server. Injected, so that a test answers. */
export interface StatusSource {
  /** The body of `/api/stream/status`. Rejects when the server does not answer or answers an error. */
  ask(signal: AbortSignal): Promise<unknown>
  /** The last answer that the browser has kept, and when it came by the server's clock. */
  readonly kept?: { get(): Promise<unknown>; put(value: unknown): void }
}

/** How often an answer is kept at most, ms. */
const KeepEvery = 5_000

/** Polls the status and puts it together with the page's own connection. */
export class StatusStore implements Readable<StatusView> {
  readonly #source: StatusSource
  readonly #link: Readable<Link> & { stats(): Stats }
  readonly #clock: ServerClock
  readonly #view: Cell<StatusView>
  #status: ServerStatus | null = null
  #answering: boolean | null = null
  #answeredAt: number | null = null
  #keptAt = 0
  #wasFlowing = false
  #enteredAt: number
  #timer: ReturnType<typeof setTimeout> | undefined
  #asking: AbortController | null = null
  #running = false
  #lastPhase: Link['state']

  constructor(source: StatusSource, link: Readable<Link> & { stats(): Stats }, clock: ServerClock) {
    this.#source = source
    this.#link = link
    this.#clock = clock
    this.#enteredAt = clock.now()
    this.#lastPhase = link.get().state
    this.#view = new Cell(this.#compose('connecting'))
    link.subscribe(() => this.#linkChanged())
  }

  readonly get = (): StatusView => this.#view.get()

  readonly subscribe = (reader: () => void): (() => void) => this.#view.subscribe(reader)

  /** Starts or resumes polling, beginning with a poll at once. */
  start(): void {
    this.#running = true
    this.#pollSoon(0)
  }

  /** Stops polling, while the page is hidden or for good. What is known stays. */
  stop(): void {
    this.#running = false
    clearTimeout(this.#timer)
  }

  #linkChanged(): void {
    const { state } = this.#link.get()
    // A lost or regained connection is news: the next regular poll would say it up to a second late.
    if (state !== this.#lastPhase && this.#running && this.#asking === null) this.#pollSoon(0)
    this.#lastPhase = state
    this.#refresh()
  }

  #pollSoon(wait: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#poll(), wait)
  }

  async #poll(): Promise<void> {
    if (this.#asking !== null) return
    const asking = new AbortController()
    this.#asking = asking
    const expiry = setTimeout(() => asking.abort(), AnswerWithin)
    const sentAt = Date.now()
    let status: ServerStatus | null
    try {
      const body = await this.#source.ask(asking.signal)
      status = parseServerStatus(body)
      if (status !== null) this.#keep(body)
    } catch {
      // Whatever went wrong, the meaning is the same: no answer. The condition says so on the page.
      status = null
    } finally {
      clearTimeout(expiry)
      this.#asking = null
    }
    this.#answering = status !== null
    if (status !== null) {
      if (status.serverTime !== null) this.#clock.sample(sentAt, Date.now(), status.serverTime)
      this.#status = status
      this.#answeredAt = this.#clock.now()
    } else if (this.#status === null) await this.#recall()
    this.#refresh()
    if (this.#running) this.#pollSoon(PollEvery)
  }

  #keep(body: unknown): void {
    const at = this.#clock.now()
    if (at - this.#keptAt < KeepEvery) return
    this.#keptAt = at
    this.#source.kept?.put({ at, body })
  }

  /** The page was opened while the server is away: what it said last. */
  async #recall(): Promise<void> {
    const kept = asObject(await this.#source.kept?.get())
    const status = parseServerStatus(kept?.body)
    if (status === null || this.#status !== null) return
    this.#status = status
    this.#answeredAt = asTime(kept?.at)
  }

  #refresh(): void {
    const condition = conditionOf({
      status: this.#status,
      answering: this.#answering,
      link: this.#link.get(),
      wasFlowing: this.#wasFlowing,
    })
    if (condition === 'live' || condition === 'demo') this.#wasFlowing = true
    if (condition !== this.#view.get().condition) this.#enteredAt = this.#clock.now()
    this.#view.set(this.#compose(condition))
  }

  #compose(condition: Condition): StatusView {
    const link = this.#link.get()
    const upstream = this.#status?.upstream
    const isOurs = this.#concernsThisPage(condition)
    return {
      condition,
      since: this.#sinceOf(condition),
      status: this.#status,
      link,
      stats: this.#link.stats(),
      attempt: isOurs ? link.attempt : (upstream?.attempt ?? 0),
      nextAttemptAt: isOurs ? this.#onServerClock(link.retryAt) : (upstream?.nextAttemptAt ?? null),
    }
  }

  /** Which of the two connections a condition is about: the page's to the server, or the server's to the provider. */
  #concernsThisPage(condition: Condition): boolean {
    if (condition === 'offline') return true
    const state = this.#status?.state
    const upstreamIsFine = state === undefined || state === 'connected' || state === 'simulated'
    return upstreamIsFine && this.#link.get().state !== 'connected'
  }

  #sinceOf(condition: Condition): number | null {
    if (condition === 'offline') return this.#answeredAt
    const upstream = this.#status?.upstream
    if (condition === 'reconnecting') {
      // Attempts may each count as a new state upstream: the loss is when this page first heard of it, or earlier.
      return upstream?.since != null && this.#status?.state === 'disconnected'
        ? Math.min(upstream.since, this.#enteredAt)
        : this.#enteredAt
    }
    return upstream?.since ?? this.#enteredAt
  }

  #onServerClock(local: number | null): number | null {
    return local === null ? null : local + (this.#clock.now() - Date.now())
  }
}
