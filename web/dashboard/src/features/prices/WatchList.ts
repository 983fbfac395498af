import { Cell, type Readable } from '../../stream/Cell'
import type { Channels } from '../../stream/Channels'
import { nextFrame } from '../../stream/Frame'
import { Remembered } from '../../stream/Remembered'
import { parseTicker, tickerFault } from '../../stream/ticker'
import { parseQuote, type Quote } from './Quote'

/** Most tickers watched: each costs the server one of the provider's channels. */
export const WatchLimit = 20
/** Most cells a second whose ground fades: beyond that, motion says nothing. */
const FadesPerSecond = 3

const First: readonly string[] = ['SPY', 'QQQ', 'NVDA', 'TSLA', 'AAPL', 'IWM']

/** What is known of one ticker. A new object for every change. */
export interface Watched {
  readonly quote: Quote | null
  /** Why the server does not give the channel to this page, or null. */
  readonly refusal: string | null
  /** How the price moved last, and how often it did: a new number is a new move. Null when it should not be seen. */
  readonly move: { readonly way: 'up' | 'down'; readonly count: number } | null
}

const Unknown: Watched = { quote: null, refusal: null, move: null }

/** Settings of {@link WatchList}. */
export interface WatchListOptions {
  readonly channels: Channels
  readonly now: () => number
  /** Calls back at the next frame. Changes in between are shown together. */
  readonly schedule?: (flush: () => void) => void
}

interface Line {
  readonly cell: Cell<Watched>
  /** What the cell shows from the next frame on. */
  next: Watched
  leave: (() => void) | null
}

/** The tickers the reader watches, remembered, and the newest quote of each. They are read only while somebody looks. */
export class WatchList {
  readonly #channels: Channels
  readonly #now: () => number
  readonly #schedule: (flush: () => void) => void
  readonly #tickers = new Remembered<readonly string[]>('tidewire.watch-list', readTickers)
  readonly #lines = new Map<string, Line>()
  readonly #changed = new Set<Line>()
  #isOpen = false
  #isScheduled = false
  #moves = 0
  #fades: number[] = []

  constructor({ channels, now, schedule }: WatchListOptions) {
    this.#channels = channels
    this.#now = now
    this.#schedule = schedule ?? nextFrame
  }

  /** The tickers in the order they were added. */
  get tickers(): Readable<readonly string[]> {
    return this.#tickers
  }

  /** What is known of a ticker. */
  watched(ticker: string): Readable<Watched> {
    return this.#line(ticker).cell
  }

  /** Reads the channels of all tickers until the result is called. */
  open(): () => void {
    this.#isOpen = true
    for (const ticker of this.#tickers.get()) this.#read(ticker)
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
    const line = this.#lines.get(ticker)
    line?.leave?.()
    this.#lines.delete(ticker)
    this.#tickers.set(this.#tickers.get().filter(watched => watched !== ticker))
  }

  #line(ticker: string): Line {
    let line = this.#lines.get(ticker)
    if (line === undefined) {
      line = { cell: new Cell(Unknown), next: Unknown, leave: null }
      this.#lines.set(ticker, line)
    }
    return line
  }

  #read(ticker: string): void {
    const line = this.#line(ticker)
    line.leave ??= this.#channels.subscribe(`ticker:${ticker}`, 1, {
      joined: () => this.#change(line, { refusal: null }),
      refused: reason => this.#change(line, { refusal: reason }),
      entries: (entries, how) => {
        for (const entry of entries) {
          const quote = entry.type === 'message' ? parseQuote(entry.data) : null
          if (quote === null || entry.type !== 'message') continue
          this.#show(line, { ...quote, at: quote.at ?? entry.receivedAt }, how)
        }
      },
    })
  }

  #show(line: Line, quote: Quote, how: 'history' | 'live'): void {
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
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#schedule(() => {
      this.#isScheduled = false
      for (const changed of this.#changed) changed.cell.set(changed.next)
      this.#changed.clear()
    })
  }
}

function readTickers(kept: unknown): readonly string[] {
  if (!Array.isArray(kept)) return First
  const tickers = (kept as unknown[]).map(parseTicker).filter(ticker => ticker !== null)
  return [...new Set(tickers)].slice(0, WatchLimit)
}
