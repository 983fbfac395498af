import { Cell, type Readable } from '../../stream/Cell'
import type { Channels } from '../../stream/Channels'
import { type Schedule, shownOnce, soon } from '../../stream/Frame'
import { Reception } from '../../stream/Reception'
import { Remembered } from '../../stream/Remembered'
import { parseTicker, tickerFault } from '../../stream/ticker'
import { parseNetFlow } from './Increments'
import { PremiumSeries, type Step } from './PremiumSeries'
import { exchangeSession, movingWindow, type Session } from './Session'

/** What is known of the chosen ticker's net premium. A new object for every change. */
export interface NetFlowView {
  readonly ticker: string
  readonly session: Session
  readonly steps: readonly Step[]
  readonly firstAt: number | null
  /** False until the server has said what there is. */
  readonly isLoaded: boolean
  /** Why the server does not give the channel to this page, or null. */
  readonly refusal: string | null
}

/** Settings of {@link NetFlow}. */
export interface NetFlowOptions {
  readonly channels: Channels
  readonly now: () => number
  readonly isAlwaysOpen: () => boolean
  /** Calls back soon. Changes in between are shown together. */
  readonly schedule?: Schedule
}

const AskedEntries = 1_000
/** The net premium of one ticker, which the reader chooses and the browser remembers. It is read only while somebody looks. */
export class NetFlow implements Readable<NetFlowView> {
  readonly #options: NetFlowOptions
  readonly #changed: () => void
  readonly #ticker = new Remembered<string>('tidewire.net-flow-ticker', kept => parseTicker(kept) ?? 'SPY')
  readonly #series = new PremiumSeries()
  readonly #view: Cell<NetFlowView>
  readonly #reception = new Reception()
  #leave: (() => void) | null = null
  #isOpen = false

  constructor(options: NetFlowOptions) {
    this.#options = options
    this.#changed = shownOnce(options.schedule ?? soon, () => {
      this.#view.set(this.#compose())
    })
    this.#view = new Cell(this.#compose())
  }

  readonly get = (): NetFlowView => this.#view.get()

  readonly subscribe = (reader: () => void): (() => void) => this.#view.subscribe(reader)

  /** The channel it reads. */
  get channel(): string {
    return `net_flow:${this.#ticker.get()}`
  }

  /** Reads the chosen ticker's channel until the result is called. */
  open(): () => void {
    this.#isOpen = true
    this.#read()
    return () => {
      this.#isOpen = false
      this.#leave?.()
      this.#leave = null
    }
  }

  /** Chooses a ticker as it was typed. Null when it is chosen now, else why not. */
  choose(text: string): string | null {
    const ticker = parseTicker(text)
    if (ticker === null) return tickerFault(text)
    if (ticker === this.#ticker.get()) return null
    this.#leave?.()
    this.#leave = null
    this.#ticker.set(ticker)
    if (this.#isOpen) this.#read()
    else this.#view.set(this.#compose())
    return null
  }

  #read(): void {
    this.#series.clear()
    this.#reception.begin()
    this.#view.set(this.#compose())
    this.#leave = this.#options.channels.subscribe(this.channel, AskedEntries, {
      joined: historyFollows => {
        this.#reception.joined(historyFollows)
        this.#changed()
      },
      refused: reason => {
        this.#reception.refused(reason)
        this.#changed()
      },
      entries: entries => {
        this.#reception.came()
        for (const entry of entries) {
          const increment = entry.type === 'message' ? parseNetFlow(entry.data, entry.receivedAt) : null
          if (increment !== null) this.#series.add(increment)
        }
        this.#changed()
      },
    })
  }

  #compose(): NetFlowView {
    const { now, isAlwaysOpen } = this.#options
    const session = (isAlwaysOpen() ? movingWindow : exchangeSession)(now())
    return {
      ticker: this.#ticker.get(),
      session,
      steps: this.#series.between(session.from, session.to),
      firstAt: this.#series.firstAt,
      isLoaded: this.#reception.isLoaded,
      refusal: this.#reception.refusal,
    }
  }
}
