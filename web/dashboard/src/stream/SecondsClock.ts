import type { Readable } from './Cell'

/** The time in whole steps of one second: one timer for every age and countdown on the page, none while nobody looks. */
export class SecondsClock implements Readable<number> {
  #value: number
  #timer: ReturnType<typeof setInterval> | undefined
  readonly #readers = new Set<() => void>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
    this.#value = now()
  }

  readonly get = (): number => this.#value

  readonly subscribe = (reader: () => void): (() => void) => {
    this.#readers.add(reader)
    this.#timer ??= setInterval(() => this.#tick(), 1_000)
    return () => {
      this.#readers.delete(reader)
      if (this.#readers.size > 0) return
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  #tick(): void {
    this.#value = this.#now()
    for (const reader of this.#readers) reader()
  }
}
