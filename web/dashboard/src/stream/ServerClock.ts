/**
 * The server's time as far as this browser can tell. Ages are differences between the server's stamps and now,
 * so a browser whose own clock is off must not show rows from the future.
 */
export class ServerClock {
  #offset = 0
  #uncertainty = Number.POSITIVE_INFINITY
  readonly #local: () => number

  constructor(local: () => number = Date.now) {
    this.#local = local
  }

  /** Now, on the server's clock, epoch ms. */
  readonly now = (): number => this.#local() + this.#offset

  /** Takes one sample: the server said `stamp` somewhere between the two local times. */
  sample(sentAt: number, answeredAt: number, stamp: number): void {
    const uncertainty = (answeredAt - sentAt) / 2
    // A quick answer bounds the offset tightest. An old bound loosens a little with every sample, so a clock
    // that was set meanwhile is followed.
    if (uncertainty > this.#uncertainty) {
      this.#uncertainty *= 1.05
      return
    }
    this.#uncertainty = Math.max(1, uncertainty)
    this.#offset = stamp - (sentAt + answeredAt) / 2
  }
}
