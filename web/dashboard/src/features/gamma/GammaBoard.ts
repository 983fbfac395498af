import { Cell, type Readable } from '../../stream/Cell'
import type { ChannelEntry, Channels } from '../../stream/Channels'
import { type Schedule, shownOnce, soon } from '../../stream/Frame'
import { Reception } from '../../stream/Reception'
import { Remembered } from '../../stream/Remembered'
import { parseTicker, tickerFault } from '../../stream/ticker'
import { marketDay } from '../../ui/marketTime'
import {
  type Levels,
  levelsOf,
  parseStrike,
  parseTotals,
  type Strike,
  type Totals,
  type Weight,
} from './Exposure'
import { keptPoints, LevelHistory, type LevelPoint } from './LevelHistory'

/** Earlier entries of the strikes: one round of a ticker with many of them. */
const AskedStrikes = 500
/** Most strikes held. */
const MostStrikes = 2_000
/** A strike that was not published for that long, when others were, is no longer one, ms. */
const StrikeLasts = 600_000
/** What is known of the chosen ticker. A new object for every change. */
export interface GammaView {
  readonly ticker: string
  readonly totals: Totals | null
  /** In rising order. */
  readonly strikes: readonly Strike[]
  readonly spot: number | null
  /** Of the strikes, by the chosen weight. */
  readonly levels: Levels
  /** How the levels by open interest have moved, newest last: one point a minute. */
  readonly history: readonly LevelPoint[]
  /** By the provider's clock, epoch ms. */
  readonly at: number | null
  /** False until the server has said what there is. */
  readonly isLoaded: boolean
  /** Why the server does not give a channel to this page, or null. */
  readonly refusal: string | null
}

/** Settings of {@link GammaBoard}. */
export interface GammaBoardOptions {
  readonly channels: Channels
  /** Calls back soon. Changes in between are shown together. */
  readonly schedule?: Schedule
}

/** The gamma exposure of one ticker, which the reader chooses and the browser remembers. It is read only while somebody looks. */
export class GammaBoard implements Readable<GammaView> {
  /** What the bars are weighted by. */
  readonly weight = new Remembered<Weight>('tidewire.gamma-weight', kept => (kept === 'vol' ? 'vol' : 'oi'))
  readonly #channels: Channels
  readonly #changed: () => void
  readonly #ticker = new Remembered<string>('tidewire.gamma-ticker', kept => parseTicker(kept) ?? 'SPY')
  readonly #view: Cell<GammaView>
  readonly #kept = new Remembered<unknown>('tidewire.gamma-levels', kept => kept)
  #history = new LevelHistory()
  readonly #strikes = new Map<number, Strike>()
  #totals: Totals | null = null
  readonly #reception = new Reception()
  #leave: (() => void)[] = []
  #isOpen = false

  constructor({ channels, schedule }: GammaBoardOptions) {
    this.#channels = channels
    this.#changed = shownOnce(schedule ?? soon, () => {
      const view = this.#compose()
      this.#remember(view)
      this.#view.set({ ...view, history: this.#history.points })
    })
    this.#view = new Cell(this.#compose())
    this.weight.subscribe(() => this.#changed())
  }

  readonly get = (): GammaView => this.#view.get()

  readonly subscribe = (reader: () => void): (() => void) => this.#view.subscribe(reader)

  /** Reads the chosen ticker's channels until the result is called. */
  open(): () => void {
    this.#isOpen = true
    this.#read()
    return () => {
      this.#isOpen = false
      this.#end()
    }
  }

  /** Chooses a ticker as it was typed. Null when it is chosen now, else why not. */
  choose(text: string): string | null {
    const ticker = parseTicker(text)
    if (ticker === null) return tickerFault(text)
    if (ticker === this.#ticker.get()) return null
    this.#ticker.set(ticker)
    this.#end()
    if (this.#isOpen) this.#read()
    return null
  }

  #end(): void {
    for (const leave of this.#leave) leave()
    this.#leave = []
  }

  #read(): void {
    this.#strikes.clear()
    this.#history.clear()
    this.#totals = null
    this.#reception.begin()
    this.#view.set(this.#compose())
    const ticker = this.#ticker.get()
    this.#leave = [
      this.#follow(`gex:${ticker}`, 1, data => {
        this.#totals = parseTotals(data) ?? this.#totals
      }),
      this.#follow(`gex_strike:${ticker}`, AskedStrikes, data => {
        const strike = parseStrike(data)
        if (strike === null) return
        if (this.#strikes.size < MostStrikes || this.#strikes.has(strike.strike))
          this.#strikes.set(strike.strike, strike)
      }),
    ]
  }

  #follow(channel: string, history: number, take: (data: unknown) => void): () => void {
    return this.#channels.subscribe(channel, history, {
      joined: historyFollows => {
        this.#reception.joined(historyFollows)
        this.#changed()
      },
      refused: reason => {
        this.#reception.refused(reason)
        this.#changed()
      },
      forget: () => {
        this.#strikes.clear()
        this.#totals = null
        this.#changed()
      },
      entries: (entries: readonly ChannelEntry[]) => {
        this.#reception.came()
        for (const entry of entries) if (entry.type === 'message') take(entry.data)
        this.#changed()
      },
    })
  }

  /** Adds what the levels are now to their history, and keeps it once a minute for a page that is loaded again. */
  #remember({ ticker, strikes, spot, at }: GammaView): void {
    if (at === null || strikes.length === 0) return
    const day = marketDay(at)
    if (this.#history.points.length === 0)
      this.#history = new LevelHistory(keptPoints(this.#kept.get(), ticker, day))
    const { length } = this.#history.points
    this.#history.add({ at, spot, zero: levelsOf(strikes, 'oi', spot).zero })
    const { points } = this.#history
    if (points.length !== length) this.#kept.set({ ticker, day, points })
  }

  #compose(): GammaView {
    const newest = Math.max(...[...this.#strikes.values()].map(({ at }) => at ?? 0), 0)
    for (const { strike, at } of this.#strikes.values())
      if (at !== null && newest - at > StrikeLasts) this.#strikes.delete(strike)
    const strikes = [...this.#strikes.values()].sort((a, b) => a.strike - b.strike)
    const latest = strikes.find(({ at }) => at === newest)
    const isTotalNewer = this.#totals?.spot != null && (this.#totals.at ?? 0) >= newest
    const spot = isTotalNewer ? (this.#totals?.spot ?? null) : (latest?.spot ?? this.#totals?.spot ?? null)
    return {
      ticker: this.#ticker.get(),
      totals: this.#totals,
      strikes,
      spot,
      levels: levelsOf(strikes, this.weight.get(), spot),
      history: this.#history.points,
      at: this.#totals?.at ?? (newest === 0 ? null : newest),
      isLoaded: this.#reception.isLoaded,
      refusal: this.#reception.refusal,
    }
  }
}
