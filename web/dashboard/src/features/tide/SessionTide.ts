import { Cell, type Readable } from '../../stream/Cell'
import type { ChannelEntry, ChannelReader, Channels } from '../../stream/Channels'
import { type Schedule, shownOnce, soon } from '../../stream/Frame'
import { Reception } from '../../stream/Reception'
import { parseTide } from './Increments'
import { type Stretch, withGap } from './Missing'
import { PremiumSeries, type Step } from './PremiumSeries'
import { exchangeSession, movingWindow, type Session } from './Session'

/** An alert that fired, as a notch on the line. */
export interface Notch {
  readonly at: number
  /** What fired, in words. */
  readonly words: string
}

/** What the tide line shows of the session. A new object for every change. */
export interface TideView {
  readonly session: Session
  /** Net premium per two minutes of the session, in rising order. */
  readonly steps: readonly Step[]
  readonly missing: readonly Stretch[]
  readonly notches: readonly Notch[]
  /** The oldest entry this page has; what was before it was not asked for. Null without any. */
  readonly firstAt: number | null
  /** False until the server has said what there is. */
  readonly isLoaded: boolean
  /** Why the server does not give the channel to this page, or null. */
  readonly refusal: string | null
}

/** Settings of {@link SessionTide}. */
export interface SessionTideOptions {
  readonly now: () => number
  /** Whether the market never closes: then a window that moves along stands for the session. */
  readonly isAlwaysOpen: () => boolean
  /** Calls back soon. Changes in between are shown together. */
  readonly schedule?: Schedule
}

/** The channel of the net premium of the whole market. */
export const TideChannel = 'market_tide'
/** The most a server gives at once: half an hour of increments. */
const AskedEntries = 1_000
/** Most notches kept; the oldest leave first. */
const MostNotches = 500

/**
 * The session as one line of time: net premium, gaps and alerts. It is a reader of `market_tide` and can be fed with
 * its entries by whoever reads that channel.
 */
export class SessionTide implements ChannelReader, Readable<TideView> {
  readonly #now: () => number
  readonly #isAlwaysOpen: () => boolean
  readonly #changed: () => void
  readonly #series = new PremiumSeries()
  readonly #view: Cell<TideView>
  #missing: readonly Stretch[] = []
  #notches: readonly Notch[] = []
  readonly #reception = new Reception()

  constructor({ now, isAlwaysOpen, schedule }: SessionTideOptions) {
    this.#now = now
    this.#isAlwaysOpen = isAlwaysOpen
    this.#changed = shownOnce(schedule ?? soon, () => {
      this.#view.set(this.#compose())
    })
    this.#view = new Cell(this.#compose())
  }

  readonly get = (): TideView => this.#view.get()

  readonly subscribe = (reader: () => void): (() => void) => this.#view.subscribe(reader)

  /** Reads `market_tide` until the result is called. */
  open(channels: Channels): () => void {
    return channels.subscribe(TideChannel, AskedEntries, this)
  }

  joined(historyFollows: boolean): void {
    this.#reception.joined(historyFollows)
    this.#changed()
  }

  refused(reason: string): void {
    this.#reception.refused(reason)
    this.#changed()
  }

  entries(entries: readonly ChannelEntry[]): void {
    this.#reception.came()
    for (const entry of entries) {
      if (entry.type === 'gap') this.#missing = withGap(this.#missing, entry)
      else {
        const increment = parseTide(entry.data, entry.receivedAt)
        if (increment !== null) this.#series.add(increment)
      }
    }
    this.#changed()
  }

  /** Takes a gap of another channel: the line says where anything is missing. */
  misses(gap: Parameters<typeof withGap>[1]): void {
    this.#missing = withGap(this.#missing, gap)
    this.#changed()
  }

  /** Takes an alert that fired. */
  fired(notch: Notch): void {
    this.#notches = [...this.#notches, notch].slice(-MostNotches)
    this.#changed()
  }

  /** Looks at the clock: a session that has ended or begun meanwhile is drawn from its beginning. */
  turn(): void {
    const { session } = this.#view.get()
    const next = this.#session()
    if (next.from !== session.from || next.to !== session.to) this.#changed()
  }

  #session(): Session {
    return (this.#isAlwaysOpen() ? movingWindow : exchangeSession)(this.#now())
  }

  #compose(): TideView {
    const session = this.#session()
    const { from, to } = session
    return {
      session,
      steps: this.#series.between(from, to),
      missing: this.#missing.filter(stretch => stretch.to > from && stretch.from < to),
      notches: this.#notches.filter(({ at }) => at >= from && at <= to),
      firstAt: this.#series.firstAt,
      isLoaded: this.#reception.isLoaded,
      refusal: this.#reception.refusal,
    }
  }
}
