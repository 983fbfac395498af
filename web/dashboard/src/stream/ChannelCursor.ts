import type { Delivery, StreamPosition } from './frames'

/** What the cursor says about a delivery: in order, seen before, or after a hole of so many entries. */
export type Verdict =
  | { readonly kind: 'next' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'hole'; readonly missing: number }

/** Entries between what was held and what a join without recovery begins with. `missing` is null when nobody can know. */
export interface Seam {
  readonly missing: number | null
}

const Next: Verdict = { kind: 'next' }
const Duplicate: Verdict = { kind: 'duplicate' }

/**
 * This page's place in one channel. It holds every delivery to the rule
 * `offset = previous + 1 + merged + filtered` and knows what a history answer repeats.
 */
export class ChannelCursor {
  #position: StreamPosition | null = null
  /** History at or below this offset is held already. */
  #heldTo = -1
  /** The server's tail when we joined: history ends here, live begins after it. */
  #joinedAt = -1
  #lostEpoch = false

  /** The last position shown, or null before the first join. */
  get position(): StreamPosition | null {
    return this.#position
  }

  /** The server confirmed the subscription. With `recovered` what was missed follows; without, it begins at `tail`. */
  join(tail: StreamPosition, recovered: boolean): void {
    const previous = this.#position
    this.#joinedAt = tail.offset
    this.#lostEpoch = false
    if (recovered && previous !== null) {
      this.#heldTo = tail.offset
      return
    }
    this.#lostEpoch = previous !== null && previous.epoch !== tail.epoch
    this.#heldTo = previous !== null && !this.#lostEpoch ? previous.offset : -1
    this.#position = tail
  }

  /** What of a history answer is new, oldest first, and the seam between it and what was held before. */
  history(entries: readonly Delivery[]): { fresh: readonly Delivery[]; seam: Seam | null } {
    const heldTo = this.#heldTo
    const fresh = entries
      .filter(entry => entry.offset > heldTo && entry.offset <= this.#joinedAt)
      .sort((a, b) => a.offset - b.offset)
    let seam: Seam | null = null
    if (this.#lostEpoch) seam = { missing: null }
    else if (heldTo >= 0) {
      const missing = (fresh[0]?.offset ?? this.#joinedAt + 1) - heldTo - 1
      if (missing > 0) seam = { missing }
    }
    this.#heldTo = this.#joinedAt
    this.#lostEpoch = false
    return { fresh, seam }
  }

  /** Judges a live delivery. Only one in order moves the position. */
  judge(delivery: Delivery): Verdict {
    const position = this.#position
    if (position === null) return Duplicate
    if (delivery.offset <= position.offset) return Duplicate
    const missing = delivery.offset - (position.offset + 1 + delivery.skipped)
    if (missing > 0) return { kind: 'hole', missing }
    this.moveTo({ epoch: position.epoch, offset: delivery.offset })
    return Next
  }

  /** The server says where the subscription stands although it showed nothing. */
  moveTo(position: StreamPosition): void {
    if (this.#position?.epoch === position.epoch && position.offset < this.#position.offset) return
    this.#position = position
  }
}
