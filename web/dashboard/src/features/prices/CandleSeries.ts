/** One price at one moment. `volume` is the day's so far. */
export interface Tick {
  readonly at: number
  readonly price: number
  readonly volume: number | null
}

/** What a price did in a stretch of time. */
export interface Candle {
  /** When the stretch begins, epoch ms. */
  readonly at: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  /** Shares traded in it, as far as the page knows. */
  readonly volume: number
}

/** The stretch the series is kept in, ms. Longer ones are made of these. */
const BaseStretch = 10_000
/** Most candles kept: a session of ten-second stretches. The oldest leave first. */
const MostCandles = 2_400

interface Grown {
  at: number
  open: number
  high: number
  low: number
  close: number
  volume: number
  /** When its first and last tick were: a late one may be before both. */
  firstAt: number
  lastAt: number
}

/**
 * The prices of one ticker as candles. Ticks may come late and out of order: a late one widens the candle of its own time
 * and changes no price that is newer than it. What is older than everything there is, is left out.
 */
export class CandleSeries {
  #candles: Grown[] = []
  #lastVolume: number | null = null
  #lastAt = Number.NEGATIVE_INFINITY
  #version = 0
  #rewritten = 0
  #late = 0

  /** Grows with every change. */
  get version(): number {
    return this.#version
  }

  /** Grows when another candle than the last one has changed. */
  get rewritten(): number {
    return this.#rewritten
  }

  /** How many ticks came after a newer one. */
  get late(): number {
    return this.#late
  }

  /** When the oldest candle begins; null without any. */
  get firstAt(): number | null {
    return this.#candles[0]?.at ?? null
  }

  add(tick: Tick): void {
    if (!Number.isFinite(tick.at) || tick.price <= 0) return
    if (tick.at < this.#lastAt) this.#addLate(tick)
    else this.#addNext(tick)
  }

  /** The candles of a longer stretch, oldest first. */
  of(stretch: number): readonly Candle[] {
    const candles: Candle[] = []
    for (const base of this.#candles) grow(candles, base, stretch)
    return candles
  }

  /** The last candle of a longer stretch; null without any. */
  lastOf(stretch: number): Candle | null {
    const last = this.#candles.at(-1)
    if (last === undefined) return null
    const start = startOf(last.at, stretch)
    const candles: Candle[] = []
    for (const base of this.#candles.slice(-Math.ceil(stretch / BaseStretch)))
      if (base.at >= start) grow(candles, base, stretch)
    return candles.at(-1) ?? null
  }

  #addNext({ at, price, volume }: Tick): void {
    const start = startOf(at, BaseStretch)
    const traded = this.#tradedSince(volume)
    const last = this.#candles.at(-1)
    if (last !== undefined && last.at === start) {
      last.high = Math.max(last.high, price)
      last.low = Math.min(last.low, price)
      last.close = price
      last.volume += traded
      last.lastAt = at
    } else {
      this.#candles.push({
        at: start,
        open: price,
        high: price,
        low: price,
        close: price,
        volume: traded,
        firstAt: at,
        lastAt: at,
      })
      if (this.#candles.length > MostCandles) {
        this.#candles = this.#candles.slice(-MostCandles)
        this.#rewritten++
      }
    }
    this.#lastAt = at
    this.#version++
  }

  #addLate({ at, price }: Tick): void {
    this.#late++
    const start = startOf(at, BaseStretch)
    const candle = this.#candles.findLast(known => known.at === start)
    if (candle === undefined) return
    candle.high = Math.max(candle.high, price)
    candle.low = Math.min(candle.low, price)
    if (at < candle.firstAt) {
      candle.open = price
      candle.firstAt = at
    }
    if (at >= candle.lastAt) {
      candle.close = price
      candle.lastAt = at
    }
    this.#version++
    if (candle !== this.#candles.at(-1)) this.#rewritten++
  }

  /** What was traded since the last tick that knew the volume. A new day begins anew. */
  #tradedSince(volume: number | null): number {
    if (volume === null) return 0
    const before = this.#lastVolume
    this.#lastVolume = volume
    return before === null || volume < before ? 0 : volume - before
  }
}

function startOf(time: number, stretch: number): number {
  return Math.floor(time / stretch) * stretch
}

/** Takes a candle into the last one of a longer stretch, or begins the next with it. */
function grow(candles: Candle[], { at, open, high, low, close, volume }: Candle, stretch: number): void {
  const start = startOf(at, stretch)
  const last = candles.at(-1)
  if (last === undefined || last.at !== start) {
    candles.push({ at: start, open, high, low, close, volume })
    return
  }
  candles[candles.length - 1] = {
    at: start,
    open: last.open,
    high: Math.max(last.high, high),
    low: Math.min(last.low, low),
    close,
    volume: last.volume + volume,
  }
}
