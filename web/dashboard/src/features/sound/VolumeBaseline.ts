import { UnusualTimes } from './HeardAlert'

/** Alerts of a contract before its average means anything. */
const LeastAlerts = 3
/** How much a new alert weighs in the average, at least: some twenty alerts back it has forgotten. */
const Weight = 0.1
/** Most contracts remembered. The one that was quiet longest leaves first. */
const MostContracts = 5_000

interface Average {
  size: number
  alerts: number
}

/** The rolling average size of each contract's alerts, and whether a new one is far above it. */
export class VolumeBaseline {
  readonly #averages = new Map<string, Average>()

  /** Takes an alert into the average. True when it was more than ten times what the average was before it. */
  take(contract: string, size: number): boolean {
    const average = this.#averages.get(contract)
    // Set again, it is the youngest of the map.
    this.#averages.delete(contract)
    if (average === undefined) {
      this.#averages.set(contract, { size, alerts: 1 })
      if (this.#averages.size > MostContracts) this.#forgetOldest()
      return false
    }
    const isUnusual = average.alerts >= LeastAlerts && size > average.size * UnusualTimes
    average.alerts++
    average.size += (size - average.size) * Math.max(Weight, 1 / average.alerts)
    this.#averages.set(contract, average)
    return isUnusual
  }

  get contracts(): number {
    return this.#averages.size
  }

  #forgetOldest(): void {
    const { value } = this.#averages.keys().next()
    if (value !== undefined) this.#averages.delete(value)
  }
}
