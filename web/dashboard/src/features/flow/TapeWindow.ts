import { loudness } from './FlowAlert'
import type { TapeRow } from './FlowTape'

/** Heights of the three kinds of row, px, as the tokens give them. */
export interface RowHeights {
  readonly row: number
  readonly loud: number
  readonly gap: number
}

/** Which rows to draw, and how far down the first of them begins. */
export interface DrawnRange {
  readonly start: number
  readonly end: number
  readonly top: number
}

/** Rows drawn beyond the edges, so that a quick scroll does not show a blank. */
const Overscan = 8

/** The geometry of a list of rows: rows differ in height, so their tops are summed once per list. */
export class TapeWindow {
  readonly #tops: Float64Array

  constructor(rows: readonly TapeRow[], heights: RowHeights) {
    this.#tops = new Float64Array(rows.length + 1)
    let top = 0
    rows.forEach((row, index) => {
      top += heightOf(row, heights)
      this.#tops[index + 1] = top
    })
  }

  /** The height of all rows, px. */
  get height(): number {
    return this.#tops.at(-1) ?? 0
  }

  /** The rows that touch the viewport, and a few more. */
  range(scrollTop: number, viewport: number): DrawnRange {
    const count = this.#tops.length - 1
    const start = Math.max(0, this.#at(scrollTop) - Overscan)
    const end = Math.min(count, this.#at(scrollTop + viewport) + 1 + Overscan)
    return { start, end: Math.max(start, end), top: this.#tops[start] ?? 0 }
  }

  /** The row that contains the height `y`. */
  #at(y: number): number {
    let low = 0
    let high = this.#tops.length - 2
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#tops[middle] ?? 0) <= y) low = middle
      else high = middle - 1
    }
    return Math.max(0, low)
  }
}

function heightOf(row: TapeRow, heights: RowHeights): number {
  if (row.kind === 'gap') return heights.gap
  return loudness(row.alert.premium) === 'loud' ? heights.loud : heights.row
}
