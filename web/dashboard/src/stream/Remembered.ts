import { Cell, type Readable } from './Cell'

/**
 * A choice of the reader that the browser keeps for the next visit. A browser may refuse storage altogether; then the
 * choice lasts as long as the page.
 */
export class Remembered<T> implements Readable<T> {
  readonly #key: string
  readonly #cell: Cell<T>

  /** `read` takes what was kept, as parsed JSON, or null; it answers with the default for what it cannot use. */
  constructor(key: string, read: (kept: unknown) => T) {
    this.#key = key
    this.#cell = new Cell(read(recall(key)))
  }

  readonly get = (): T => this.#cell.get()

  readonly subscribe = (reader: () => void): (() => void) => this.#cell.subscribe(reader)

  set(value: T): void {
    this.#cell.set(value)
    try {
      localStorage.setItem(this.#key, JSON.stringify(value))
    } catch {
      return
    }
  }
}

function recall(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null')
  } catch {
    return null
  }
}
