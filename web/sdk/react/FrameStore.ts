import type { StreamEvent, TidewireError } from '@tidewire/sdk'
import type { StreamView } from './index'

/** Keeps the newest events of a channel, and tells its readers of them at most once a frame. */
export class FrameStore<T> {
  readonly #limit: number
  readonly #readers = new Set<() => void>()
  #events: StreamEvent<T>[] = []
  #error: TidewireError | null = null
  #view: StreamView<T> = { events: [], error: null }
  #isDue = false

  constructor(limit: number) {
    this.#limit = limit
  }

  readonly get = (): StreamView<T> => this.#view

  readonly subscribe = (reader: () => void): (() => void) => {
    this.#readers.add(reader)
    return () => this.#readers.delete(reader)
  }

  add(event: StreamEvent<T>): void {
    this.#events.push(event)
    // A hidden page has no frames: what it would never show must not pile up.
    if (this.#events.length > this.#limit * 2) this.#events = this.#events.slice(-this.#limit)
    this.#changed()
  }

  fail(error: TidewireError): void {
    this.#error = error
    this.#changed()
  }

  clear(): void {
    this.#events = []
    this.#error = null
    this.#changed()
  }

  #changed(): void {
    if (this.#isDue) return
    this.#isDue = true
    const frame = globalThis.requestAnimationFrame ?? ((show: () => void) => setTimeout(show, 16))
    frame(() => {
      this.#isDue = false
      this.#events = this.#events.slice(-this.#limit)
      this.#view = { events: this.#events.slice(), error: this.#error }
      for (const reader of this.#readers) reader()
    })
  }
}
