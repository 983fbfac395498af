/** Shows an error of the program's own as an uncaught one, after what is under way here. */
export function surface(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}

/** Those who want to be told of something. */
export class Listeners<T> {
  readonly #all = new Set<{ readonly listener: (value: T) => void }>()

  /** The result takes the listener away again; false when it was gone. */
  add(listener: (value: T) => void): () => boolean {
    // An entry of its own: the same listener may be added twice.
    const entry = { listener }
    this.#all.add(entry)
    return () => this.#all.delete(entry)
  }

  /** A listener that throws must not keep the others from being told; its error surfaces as an uncaught one. */
  tell(value: T): void {
    for (const { listener } of this.#all) {
      try {
        listener(value)
      } catch (error) {
        surface(error)
      }
    }
  }
}
