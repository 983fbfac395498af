/** Runs what stores want to show: all of it in one animation frame, so that what changed together is drawn together. */
class Frame {
  #due = new Set<() => void>()
  readonly #run = (): void => {
    const due = this.#due
    this.#due = new Set()
    for (const flush of due) flush()
  }

  /** Calls back at the next frame. A page that is hidden has none until it is seen again. */
  readonly next = (flush: () => void): void => {
    if (this.#due.size === 0) requestAnimationFrame(this.#run)
    this.#due.add(flush)
  }
}

/** Calls back at the next frame, together with all others that want to. */
export const nextFrame: (flush: () => void) => void = new Frame().next
