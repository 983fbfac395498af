import { Cell, type Readable } from '../../stream/Cell'
import type { Channels } from '../../stream/Channels'
import { nextFrame, type Schedule, shownOnce } from '../../stream/Frame'
import { Remembered } from '../../stream/Remembered'
import { parseTicker, tickerFault } from '../../stream/ticker'
import { CandleSeries } from './CandleSeries'
import { parseQuote, type Quote } from './Quote'

/** Most tickers watched: each costs the server one of the provider's channels. */
export const WatchLimit = 20
/** Most cells a second whose ground fades: beyond that, motion says nothing. */
const FadesPerSecond = 3

/** Earlier prices of every ticker, for its little line, and of the one whose chart is shown. */
const AskedPrices = 60
const AskedForChart = 1_000

const First: readonly string[] = ['SPY', 'QQQ', 'NVDA', 'TSLA', 'AAPL', 'IWM']

/** What is known of one ticker. A new object for every change. */
export interface Watched {
  readonly quote: Quote | null
  /** False until the server has said which prices there are. */
  readonly isLoaded: boolean
  /** Why the server does not give the channel to this page, or null. */
  readonly refusal: string | null
  /** How the price moved last, and how often it did: a new number is a new move. Null when it should not be seen. */
  readonly move: { readonly way: 'up' | 'down'; readonly count: number } | null
}

const Unknown: Watched = { quote: null, isLoaded: false, refusal: null, move: null }

/** Settings of {@link WatchList}. */
export interface WatchListOptions {
  readonly channels: Channels
  readonly now: () => number
  /** Calls back at the next frame. Changes in between are shown together. */
  readonly schedule?: Schedule
}

interface Line {
  readonly cell: Cell<Watched>
  /** What the cell shows from the next frame on. */
  next: Watched
  candles: CandleSeries
  leave: (() => void) | null
}

/** The tickers the reader watches, remembered, and the newest quote of each. They are read only while somebody looks. */
export class WatchList {
  readonly #channels: Channels
  readonly #now: () => number
  readonly #showChanged: () => void
  readonly #tickers = new Remembered<readonly string[]>('tidewire.watch-list', readTickers)
  readonly #shown: Remembered<string>
  readonly #lines = new Map<string, Line>()
  readonly #changed = new Set<Line>()
  #isOpen = false
  #moves = 0
  #fades: number[] = []

  constructor({ channels, now, schedule }: WatchListOptions) {
    this.#channels = channels
    this.#now = now
    this.#showChanged = shownOnce(schedule ?? nextFrame, () => {
      for (const changed of this.#changed) changed.cell.set(changed.next)
      this.#changed.clear()
    })
    const fallback = this.#tickers.get()[0] ?? 'SPY'
    this.#shown = new Remembered('tidewire.chart-ticker', kept => parseTicker(kept) ?? fallback)
  }

  /** The tickers in the order they were added. */
  get tickers(): Readable<readonly string[]> {
    return this.#tickers
  }

  /** The ticker whose chart is shown; it need not be watched. */
  get shown(): Readable<string> {
    return this.#shown
  }

  /** The prices of a ticker since this page reads them. */
  candles(ticker: string): CandleSeries {
    return this.#line(ticker).candles
  }

  /** Shows the chart of a ticker as it was typed. Null when it is shown now, else why not. */
  show(text: string): string | null {
    const ticker = parseTicker(text)
    if (ticker === null) return tickerFault(text)
    const before = this.#shown.get()
    if (ticker === before) return null
    this.#shown.set(ticker)
    if (!this.#tickers.get().includes(before)) this.#forget(before)
    if (this.#isOpen) this.#readAgain(ticker)
    return null
  }

  /** What is known of a ticker. */
  watched(ticker: string): Readable<Watched> {
    return this.#line(ticker).cell
  }

  /** Reads the channels of all tickers until the result is called. */
  open(): () => void {
    this.#isOpen = true
    for (const ticker of new Set([...this.#tickers.get(), this.#shown.get()])) this.#read(ticker)
    return () => {
      this.#isOpen = false
      for (const line of this.#lines.values()) {
        line.leave?.()
        line.leave = null
      }
    }
  }

  /** Adds a ticker as it was typed. Null when it is watched now, else why not. */
  add(text: string): string | null {
    const ticker = parseTicker(text)
    if (ticker === null) return tickerFault(text)
    const tickers = this.#tickers.get()
    if (tickers.includes(ticker)) return `${ticker} is on the list.`
    if (tickers.length >= WatchLimit) return `The list holds ${WatchLimit} tickers. Remove one first.`
    this.#tickers.set([...tickers, ticker])
    if (this.#isOpen) this.#read(ticker)
    return null
  }

  remove(ticker: string): void {
    if (ticker !== this.#shown.get()) this.#forget(ticker)
    this.#tickers.set(this.#tickers.get().filter(watched => watched !== ticker))
  }

  #forget(ticker: string): void {
    this.#lines.get(ticker)?.leave?.()
    this.#lines.delete(ticker)
  }

  /** Reads a ticker from further back than it was read, for its chart. */
  #readAgain(ticker: string): void {
    const line = this.#line(ticker)
    line.leave?.()
    line.leave = null
    line.candles = new CandleSeries()
    this.#read(ticker)
  }

  #line(ticker: string): Line {
    let line = this.#lines.get(ticker)
    if (line === undefined) {
      line = { cell: new Cell(Unknown), next: Unknown, candles: new CandleSeries(), leave: null }
      this.#lines.set(ticker, line)
    }
    return line
  }

  #read(ticker: string): void {
    const line = this.#line(ticker)
    const asked = ticker === this.#shown.get() ? AskedForChart : AskedPrices
    line.leave ??= this.#channels.subscribe(`ticker:${ticker}`, asked, {
      joined: historyFollows =>
        this.#change(line, historyFollows ? { refusal: null } : { refusal: null, isLoaded: true }),
      refused: reason => this.#change(line, { refusal: reason }),
      entries: (entries, how) => {
        this.#change(line, { isLoaded: true })
        for (const entry of entries) {
          const quote = entry.type === 'message' ? parseQuote(entry.data) : null
          if (quote === null || entry.type !== 'message') continue
          this.#show(line, { ...quote, at: quote.at ?? entry.receivedAt }, how)
        }
      },
    })
  }

  #show(line: Line, quote: Quote, how: 'history' | 'live'): void {
    if (quote.at !== null) line.candles.add({ at: quote.at, price: quote.price, volume: quote.volume })
    // One that comes late belongs to its own time on the chart; the newest price stays the newest.
    if ((quote.at ?? 0) < (line.next.quote?.at ?? Number.NEGATIVE_INFINITY)) {
      this.#change(line, {})
      return
    }
    const before = line.next.quote?.price ?? quote.price
    const isMove = how === 'live' && quote.price !== before && this.#mayFade()
    const move = isMove
      ? ({ way: quote.price > before ? 'up' : 'down', count: ++this.#moves } as const)
      : line.next.move
    this.#change(line, { quote, move })
  }

  #mayFade(): boolean {
    const now = this.#now()
    this.#fades = this.#fades.filter(time => now - time < 1_000)
    if (this.#fades.length >= FadesPerSecond) return false
    this.#fades.push(now)
    return true
  }

  #change(line: Line, change: Partial<Watched>): void {
    line.next = { ...line.next, ...change }
    this.#changed.add(line)
    this.#showChanged()
  }
}

function readTickers(kept: unknown): readonly string[] {
  if (!Array.isArray(kept)) return First
  const tickers = (kept as unknown[]).map(parseTicker).filter(ticker => ticker !== null)
  return [...new Set(tickers)].slice(0, WatchLimit)
}
