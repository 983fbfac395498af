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

/** When a store shows what has changed: calls back once, later. */
export type Schedule = (flush: () => void) => void

/** Between two flushes of what need not be drawn with every frame, ms. */
const FlushEvery = 200

/** Calls back at a frame, but not at each. */
export const soon: Schedule = flush => void setTimeout(() => nextFrame(flush), FlushEvery)

/** Shows what has changed any number of times once, when it is due. The result is called at each change. */
export function shownOnce(schedule: Schedule, show: () => void): () => void {
  let isDue = false
  return () => {
    if (isDue) return
    isDue = true
    schedule(() => {
      isDue = false
      show()
    })
  }
}
