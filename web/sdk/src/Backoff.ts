import type { Settings } from './Settings'

/** The first retry comes within this time, so that a restarted server is not met by all its clients at once. */
const FirstRetryWithin = 400

/** What the waits are made of. */
export type BackoffSettings = Pick<
  Settings,
  'reconnectDelay' | 'reconnectBackoffMultiplier' | 'maxReconnectDelay' | 'random'
>

/** How long to wait before each attempt: full jitter under a bound that grows. It never gives up. */
export class Backoff {
  readonly #settings: BackoffSettings
  #attempts = 0

  constructor(settings: BackoffSettings) {
    this.#settings = settings
  }

  /** Attempts since the last {@link reset}. */
  get attempts(): number {
    return this.#attempts
  }

  /** Milliseconds until the next attempt. */
  next(): number {
    const { reconnectDelay, reconnectBackoffMultiplier, maxReconnectDelay, random } = this.#settings
    const n = this.#attempts++
    const bound = n === 0 ? FirstRetryWithin : reconnectDelay * reconnectBackoffMultiplier ** (n - 1)
    return random() * Math.min(bound, maxReconnectDelay)
  }

  /** A connection held: the next loss begins anew. */
  reset(): void {
    this.#attempts = 0
  }
}
