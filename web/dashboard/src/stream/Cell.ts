/** A value that can be read now and tells its readers when it has changed. */
export interface Readable<T> {
  get(): T
  /** Calls `reader` after each change. The result ends it. */
  subscribe(reader: () => void): () => void
}

/** The one writable {@link Readable}. Its owner keeps the cell and hands out the readable side. */
export class Cell<T> implements Readable<T> {
  #value: T
  readonly #readers = new Set<() => void>()

  constructor(value: T) {
    this.#value = value
  }

  readonly get = (): T => this.#value

  readonly subscribe = (reader: () => void): (() => void) => {
    this.#readers.add(reader)
    return () => this.#readers.delete(reader)
  }

  /** Replaces the value. Readers are told only when it is another one. */
  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    for (const reader of this.#readers) reader()
  }
}
