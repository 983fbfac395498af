/** Shows values in elements: only what changed, gathered for a while, then all at once in an animation frame. */
export class ElementCache {
  readonly #delay: number
  readonly #shown = new Map<Element, string>()
  readonly #pending = new Map<Element, string>()
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Elements whose text was changed. */
  applied = 0

  constructor(delay: number) {
    this.#delay = delay
  }

  get pending(): number {
    return this.#pending.size
  }

  get size(): number {
    return this.#shown.size
  }

  /** False when the element shows the value already. */
  update(element: Element, value: unknown): boolean {
    const text = String(value ?? '')
    const last = this.#pending.get(element) ?? this.#shown.get(element) ?? element.textContent
    if (last === text) return false
    this.#pending.set(element, text)
    this.#timer ??= setTimeout(() => {
      const frame = globalThis.requestAnimationFrame ?? ((apply: () => void) => apply())
      frame(() => this.#apply())
    }, this.#delay)
    return true
  }

  /** Forgets what was shown; what is pending still is. */
  clear(): void {
    this.#shown.clear()
  }

  #apply(): void {
    this.#timer = undefined
    for (const [element, text] of this.#pending) {
      if (!element.isConnected || element.textContent === text) continue
      element.textContent = text
      this.#shown.set(element, text)
      this.applied++
    }
    this.#pending.clear()
    // Elements that left the page must not be kept alive from here.
    for (const element of this.#shown.keys()) if (!element.isConnected) this.#shown.delete(element)
  }
}
