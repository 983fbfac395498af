import type { WireKind } from '../Settings'

/** So often in a row a wire may fail before the next one is tried. */
const Failures = 2
/** A better wire is looked for ever more rarely, up to so many times the first interval. */
const MostIntervals = 10

/** Which wire to speak: the best that works. */
export class WireChoice {
  readonly #wires: readonly WireKind[]
  readonly #interval: number
  #at = 0
  #failed = 0
  #trial = 0
  #wait: number

  constructor(wires: readonly WireKind[], interval: number) {
    this.#wires = wires
    this.#interval = interval
    this.#wait = interval
  }

  get present(): WireKind {
    return this.#wires[this.#at] as WireKind
  }

  /** The wire to try beside a lesser one, the best first; null while the best is in use. */
  get better(): WireKind | null {
    return this.#at === 0 ? null : (this.#wires[this.#trial % this.#at] as WireKind)
  }

  /** How long to stay before a better wire is tried, ms. */
  get betterAfter(): number {
    return this.#wait
  }

  /** The present wire opened. */
  worked(): void {
    this.#failed = 0
  }

  /** It could not be opened, or showed nothing. Twice in a row, and it is the next one's turn; after the last, the first's. */
  failed(): void {
    if (++this.#failed < Failures) return
    this.#failed = 0
    this.#at = (this.#at + 1) % this.#wires.length
    this.#restart()
  }

  /** The better wire failed too. */
  betterFailed(): void {
    this.#trial++
    this.#wait = Math.min(this.#wait * 2, this.#interval * MostIntervals)
  }

  /** The better wire is in use from now on. */
  moveUp(): void {
    this.#at = this.#trial % Math.max(1, this.#at)
    this.#failed = 0
    this.#restart()
  }

  #restart(): void {
    this.#trial = 0
    this.#wait = this.#interval
  }
}
