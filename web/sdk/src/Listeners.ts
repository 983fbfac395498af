/** Those who want to be told of something. */
export class Listeners<T> {
  readonly #all = new Set<(value: T) => void>()

  get size(): number {
    return this.#all.size
  }

  /** The result takes the listener away again. */
  add(listener: (value: T) => void): () => void {
    this.#all.add(listener)
    return () => this.#all.delete(listener)
  }

  /** A listener that throws must not keep the others from being told; its error surfaces as an uncaught one. */
  tell(value: T): void {
    for (const listener of this.#all) {
      try {
        listener(value)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
