/** The first retry comes within this time, so that a restarted server is not met by all its clients at once. */
const FirstRetryWithin = 400

/** How long to wait before each attempt: full jitter under a bound that grows. It never gives up. */
export class Backoff {
  readonly #delay: number
  readonly #multiplier: number
  readonly #most: number
  readonly #random: () => number
  #attempts = 0

  constructor(delay: number, multiplier: number, most: number, random: () => number = Math.random) {
    this.#delay = delay
    this.#multiplier = multiplier
    this.#most = most
    this.#random = random
  }

  /** Attempts since the last {@link reset}. */
  get attempts(): number {
    return this.#attempts
  }

  /** Milliseconds until the next attempt. */
  next(): number {
    const n = this.#attempts++
    const bound = n === 0 ? FirstRetryWithin : this.#delay * this.#multiplier ** (n - 1)
    return this.#random() * Math.min(bound, this.#most)
  }

  /** A connection held: the next loss begins anew. */
  reset(): void {
    this.#attempts = 0
  }
}
