import type { TapeRow } from './FlowTape'

/** Rows that left are let go of in portions of so many. */
const Portion = 4_096

/** The rows of the tape, oldest first. A row has a number that it keeps; what is appended costs the same however many are held. */
export class RowLog {
  #rows: TapeRow[] = []
  /** The number of `#rows[0]`. */
  #first = 0
  #start = 0
  /** Another number when rows have changed their numbers. */
  revision = 0

  /** The number of the oldest row. */
  get start(): number {
    return this.#start
  }

  /** The number that the next row gets. */
  get end(): number {
    return this.#first + this.#rows.length
  }

  append(row: TapeRow): void {
    this.#rows.push(row)
  }

  /** Puts rows, oldest first, under those of their epoch that are newer. */
  insert(batch: readonly TapeRow[]): void {
    const newest = batch.at(-1)
    if (newest === undefined) return
    let at = this.#rows.length
    while (at > this.#start - this.#first && isNewer(this.#rows[at - 1], newest)) at--
    if (at === this.#rows.length) this.#rows.push(...batch)
    else {
      this.#rows.splice(at, 0, ...batch)
      this.revision++
    }
  }

  /** Lets the oldest go that are more than `most`. */
  bound(most: number): void {
    this.#start = Math.max(this.#start, this.end - most)
    const gone = this.#start - this.#first
    if (gone < Portion) return
    this.#rows = this.#rows.slice(gone)
    this.#first = this.#start
  }

  clear(): void {
    this.#first = this.#start = this.end
    this.#rows = []
    this.revision++
  }

  row(number: number): TapeRow {
    const row = this.#rows[number - this.#first]
    if (row === undefined) throw new RangeError(`Row ${number} is not held`)
    return row
  }
}

function isNewer(row: TapeRow | undefined, than: TapeRow): boolean {
  return row !== undefined && row.epoch === than.epoch && row.offset > than.offset
}

/** The rows of a log up to a moment, newest first. */
export class RowList {
  readonly log: RowLog
  readonly start: number
  readonly end: number

  constructor(log: RowLog, end = log.end) {
    this.log = log
    this.start = log.start
    this.end = Math.max(end, log.start)
  }

  get length(): number {
    return this.end - this.start
  }

  at(index: number): TapeRow | undefined {
    const number = this.end - 1 - index
    return number < this.start || number >= this.end ? undefined : this.log.row(number)
  }

  /** The rows from one index to before another. */
  slice(from: number, to: number): readonly TapeRow[] {
    const rows: TapeRow[] = []
    for (let index = Math.max(0, from); index < Math.min(to, this.length); index++)
      rows.push(this.log.row(this.end - 1 - index))
    return rows
  }
}
