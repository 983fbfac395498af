import type { Advance, StreamEvent } from './events'
import type { KeyOf } from './Feed'

/** What waits in a queue: what is shown, and how far what is not shown has got. */
export type Queued = StreamEvent | Advance

/** Events that wait for a consumer, oldest first. */
export class EventQueue {
  #items: Queued[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(event: Queued): void {
    const last = this.length > 0 ? this.#items.at(-1) : undefined
    if (event.type === 'advance' && last?.type === 'advance' && last.epoch === event.epoch) {
      const merged = last.merged + event.merged
      this.#items[this.#items.length - 1] = { ...event, merged, filtered: last.filtered + event.filtered }
    } else {
      this.#items.push(event)
    }
  }

  shift(): Queued | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#head++
    if (this.#head === this.#items.length) this.clear()
    else if (this.#head >= 1024 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  clear(): void {
    this.#items = []
    this.#head = 0
  }

  /**
   * Keeps the newest publication of each key. What goes is counted in the `merged` of what follows it, so that the rule of
   * offsets still holds.
   */
  conflate(keyOf: KeyOf): void {
    const kept: Queued[] = []
    const seen = new Set<string>()
    // From the newest back: what goes is counted by the entry that stands last in `kept`.
    for (const item of this.#items.slice(this.#head).reverse()) {
      const next = kept.at(-1)
      const key = item.type === 'publication' && !item.history ? keyOf(item.data) : null
      const isOld = key !== null && seen.has(key)
      if (next !== undefined && 'merged' in next && 'merged' in item && (isOld || item.type === 'advance')) {
        const merged = next.merged + item.merged + Number(isOld)
        kept[kept.length - 1] = { ...next, merged, filtered: next.filtered + item.filtered }
      } else {
        if (key !== null) seen.add(key)
        kept.push(item)
      }
    }
    this.#items = kept.reverse()
    this.#head = 0
  }
}
