import { loudness } from './FlowAlert'
import type { TapeRow } from './FlowTape'
import type { RowList, RowLog } from './RowLog'

/** Heights of the three kinds of row, px, as the tokens give them. */
export interface RowHeights {
  readonly row: number
  readonly loud: number
  readonly gap: number
}

/** Which rows to draw, how far down the first of them begins, and how high all rows are together. */
export interface DrawnRange {
  readonly start: number
  readonly end: number
  readonly top: number
  readonly height: number
}

/** Rows drawn beyond the edges, so that a quick scroll does not show a blank. */
const Overscan = 8
/** Sums of rows that left are let go of in portions of so many. */
const Portion = 16_384

/** The geometry of the tape's rows, which differ in height. What is added to the log is summed once. */
export class TapeWindow {
  readonly #heights: RowHeights
  #log: RowLog | null = null
  #revision = 0
  /** The number of the row that the first sum stands before. */
  #first = 0
  /** How high all rows from the first to before each are together. */
  #sums: number[] = [0]

  constructor(heights: RowHeights) {
    this.#heights = heights
  }

  /** The rows that touch the viewport, and a few more. */
  range(list: RowList, scrollTop: number, viewport: number): DrawnRange {
    this.#follow(list)
    const { end, length } = list
    const bottom = this.#sum(end)
    const first = Math.max(0, this.#at(list, bottom - scrollTop) - Overscan)
    const last = Math.min(length, this.#at(list, bottom - scrollTop - viewport) + 1 + Overscan)
    return {
      start: first,
      end: Math.max(first, last),
      top: bottom - this.#sum(end - first),
      height: bottom - this.#sum(list.start),
    }
  }

  #sum(number: number): number {
    return this.#sums[number - this.#first] ?? 0
  }

  #follow({ log, start, end }: RowList): void {
    if (log !== this.#log || log.revision !== this.#revision) {
      this.#log = log
      this.#revision = log.revision
      this.#first = start
      this.#sums = [0]
    }
    if (start - this.#first >= Portion) {
      this.#sums = this.#sums.slice(start - this.#first)
      this.#first = start
    }
    for (let number = this.#first + this.#sums.length - 1; number < end; number++)
      this.#sums.push((this.#sums.at(-1) ?? 0) + heightOf(log.row(number), this.#heights))
  }

  /** The index of the row that contains the height `sum`, counted from the oldest row up. */
  #at({ start, end }: RowList, sum: number): number {
    let low = start
    let high = end - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#sum(middle + 1) >= sum) high = middle
      else low = middle + 1
    }
    return Math.max(0, end - 1 - low)
  }
}

function heightOf(row: TapeRow, heights: RowHeights): number {
  if (row.kind === 'gap') return heights.gap
  return loudness(row.alert.premium) === 'loud' ? heights.loud : heights.row
}
