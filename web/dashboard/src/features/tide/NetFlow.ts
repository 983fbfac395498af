import { Cell, type Readable } from '../../stream/Cell'
import type { Channels } from '../../stream/Channels'
import { nextFrame } from '../../stream/Frame'
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
  readonly schedule?: (flush: () => void) => void
}

const AskedEntries = 1_000
const FlushEvery = 200

/** The net premium of one ticker, which the reader chooses and the browser remembers. It is read only while somebody looks. */
export class NetFlow implements Readable<NetFlowView> {
  readonly #options: NetFlowOptions
  readonly #schedule: (flush: () => void) => void
  readonly #ticker = new Remembered<string>('tidewire.net-flow-ticker', kept => parseTicker(kept) ?? 'SPY')
  readonly #series = new PremiumSeries()
  readonly #view: Cell<NetFlowView>
  #isLoaded = false
  #refusal: string | null = null
  #leave: (() => void) | null = null
  #isOpen = false
  #isScheduled = false

  constructor(options: NetFlowOptions) {
    this.#options = options
    this.#schedule = options.schedule ?? (flush => void setTimeout(() => nextFrame(flush), FlushEvery))
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
    this.#isLoaded = false
    this.#refusal = null
    this.#view.set(this.#compose())
    this.#leave = this.#options.channels.subscribe(this.channel, AskedEntries, {
      joined: historyFollows => {
        this.#refusal = null
        if (!historyFollows) this.#isLoaded = true
        this.#changed()
      },
      refused: reason => {
        this.#refusal = reason
        this.#changed()
      },
      entries: entries => {
        this.#isLoaded = true
        for (const entry of entries) {
          const increment = entry.type === 'message' ? parseNetFlow(entry.data, entry.receivedAt) : null
          if (increment !== null) this.#series.add(increment)
        }
        this.#changed()
      },
    })
  }

  #changed(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#schedule(() => {
      this.#isScheduled = false
      this.#view.set(this.#compose())
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
      isLoaded: this.#isLoaded,
      refusal: this.#refusal,
    }
  }
}
