/** Longest wait before the first retry, ms: a restarted server is back at once, and its readers must not all come in the same instant. */
const FirstSpread = 400
const Base = 1_000
const Factor = 1.5
const Cap = 30_000
/** A wait is off by up to this share of itself, either way. */
const Jitter = 0.25

/** How long to wait before each attempt to reconnect. It grows, it is never the same for two readers, and it never gives up. */
export class ReconnectBackoff {
  #failures = 0
  readonly #random: () => number

  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  /** Attempts made since the connection last held. */
  get attempts(): number {
    return this.#failures
  }

  /** The wait before the next attempt, ms. */
  next(): number {
    this.#failures++
    if (this.#failures === 1) return this.#random() * FirstSpread
    const wait = Math.min(Cap, Base * Factor ** (this.#failures - 2))
    return Math.min(Cap, wait * (1 - Jitter + 2 * Jitter * this.#random()))
  }

  /** The longest wait at once: for a server that said not to come back soon. */
  exhaust(): void {
    this.#failures = 12
  }

  /** The connection held: the next loss starts from the beginning. */
  reset(): void {
    this.#failures = 0
  }
}
