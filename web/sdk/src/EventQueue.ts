import type { Advance, StreamEvent } from './events'
import type { KeyOf } from './Feed'

/** What waits in a queue: what is shown, and how far what is not shown has got. */
export type Queued = StreamEvent | Advance

const isResumed = (event: Queued): boolean => event.type === 'subscribed' && event.recovered

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
    } else if (isResumed(event) && last !== undefined && isResumed(last)) {
      this.#items[this.#items.length - 1] = event // that it was resumed again says nothing more
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
    // From the newest back: `over` counts what went in front of the entry that stands last in `kept`.
    let over = { merged: 0, filtered: 0 }
    const settle = (): void => {
      const next = kept.at(-1)
      if (next !== undefined && over.merged + over.filtered > 0 && 'merged' in next)
        kept[kept.length - 1] = {
          ...next,
          merged: next.merged + over.merged,
          filtered: next.filtered + over.filtered,
        }
      over = { merged: 0, filtered: 0 }
    }
    for (let at = this.#items.length - 1; at >= this.#head; at--) {
      const item = this.#items[at]
      if (item === undefined) continue
      const next = kept.at(-1)
      const canCarry = next !== undefined && 'merged' in next
      const key = item.type === 'publication' && !item.history ? keyOf(item.data) : null
      const isOld = key !== null && seen.has(key)
      if (canCarry && 'merged' in item && (isOld || item.type === 'advance')) {
        over = {
          merged: over.merged + item.merged + (isOld ? 1 : 0),
          filtered: over.filtered + item.filtered,
        }
        continue
      }
      settle()
      if (key !== null) seen.add(key)
      kept.push(item)
    }
    settle()
    this.#items = kept.reverse()
    this.#head = 0
  }
}
