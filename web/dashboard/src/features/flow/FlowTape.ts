import { Cell, type Readable } from '../../stream/Cell'
import type { ChannelEntry, ChannelReader } from '../../stream/Channels'
import { nextFrame, type Schedule, shownOnce } from '../../stream/Frame'
import { Reception } from '../../stream/Reception'
import { type FlowAlert, parseFlowAlert } from './FlowAlert'
import { RowList, RowLog } from './RowLog'

/** Most rows held. The oldest leave first. */
export const TapeCapacity = 100_000
/** Most rows a second whose ground fades in: beyond that, motion says nothing. */
const FadesPerSecond = 3

/** A row of the tape. `key` is its identity: epoch and offset. */
export type TapeRow = AlertRow | GapRow

/** An alert in the tape. */
export interface AlertRow {
  readonly kind: 'alert'
  readonly key: string
  readonly epoch: string
  readonly offset: number
  /** When the server received it, epoch ms on the server's clock. */
  readonly receivedAt: number
  readonly alert: FlowAlert
  /** When it arrived in this page live and few enough came with it for its ground to fade in; else null. */
  readonly fadesFrom: number | null
}

/** A place in the tape where something is missing. */
export interface GapRow {
  readonly kind: 'gap'
  readonly key: string
  readonly epoch: string
  readonly offset: number
  readonly from: number | null
  readonly to: number | null
  readonly count: number | null
  readonly reason: string
  readonly backfilled: number | boolean
}

/** Rows that have come in since some moment. */
export interface Tally {
  readonly count: number
  readonly largest: AlertRow | null
}

/** What the tape shows. A new object for every change. */
export interface TapeView {
  /** Newest first. While {@link isHeld} these are the rows of the moment the reader stopped. */
  readonly rows: RowList
  /** False until the server has said which rows there are. */
  readonly isLoaded: boolean
  /** Why the server does not give the channel to this page, or null. */
  readonly refusal: string | null
  /** When the reader pressed Pause, or null. */
  readonly pausedAt: number | null
  /** Whether new rows wait: the reader paused or reads further down. */
  readonly isHeld: boolean
  /** The rows that wait. */
  readonly waiting: Tally
}

const Nothing: Tally = { count: 0, largest: null }

/** Settings of {@link FlowTape}. */
export interface FlowTapeOptions {
  readonly now: () => number
  /** Calls back at the next frame. Changes in between are shown together. */
  readonly schedule?: Schedule
  readonly capacity?: number
}

/**
 * The rows of the flow tape. Nothing moves under a reader who has paused or scrolled down: the picture of that moment
 * stays, new rows are counted, and {@link showNew} lets them in.
 */
export class FlowTape implements ChannelReader, Readable<TapeView> {
  readonly #log = new RowLog()
  readonly #view = new Cell<TapeView>({
    rows: new RowList(this.#log),
    isLoaded: false,
    refusal: null,
    pausedAt: null,
    isHeld: false,
    waiting: Nothing,
  })
  readonly #now: () => number
  readonly #changed: () => void
  readonly #capacity: number
  readonly #reception = new Reception()
  #pausedAt: number | null = null
  #isAway = false
  /** Where the picture ends while it is held. */
  #held: number | null = null
  #waiting: Tally = Nothing
  #unannounced: Tally = Nothing
  #fades: number[] = []

  constructor({ now, schedule, capacity }: FlowTapeOptions) {
    this.#now = now
    this.#changed = shownOnce(schedule ?? nextFrame, () => {
      this.#flush()
    })
    this.#capacity = capacity ?? TapeCapacity
  }

  readonly get = (): TapeView => this.#view.get()

  readonly subscribe = (reader: () => void): (() => void) => this.#view.subscribe(reader)

  joined(historyFollows: boolean): void {
    this.#reception.joined(historyFollows)
    this.#changed()
  }

  refused(reason: string): void {
    this.#reception.refused(reason)
    this.#changed()
  }

  forget(): void {
    this.#log.clear()
    this.#held = null
    this.#waiting = Nothing
    this.#heldOrNot()
  }

  entries(entries: readonly ChannelEntry[], how: 'history' | 'live'): void {
    const rows: TapeRow[] = []
    for (const entry of entries) {
      const row = this.#rowOf(entry, how)
      if (row === null) continue
      if (how === 'history') rows.push(row)
      else this.#log.append(row)
      this.#count(row)
    }
    this.#reception.came()
    this.#log.insert(rows)
    // Under a reader the picture stays, as long as twice the rows are not too many.
    this.#log.bound(this.#held === null ? this.#capacity : 2 * this.#capacity)
    this.#changed()
  }

  /** Stops the picture, or lets it run on. */
  togglePause(): void {
    this.#pausedAt = this.#pausedAt === null ? this.#now() : null
    this.#heldOrNot()
  }

  /** The reader has scrolled down: what is under the eyes stays there. */
  leaveTop(): void {
    if (this.#isAway) return
    this.#isAway = true
    this.#heldOrNot()
  }

  /** The reader is back at the newest row. */
  reachTop(): void {
    if (!this.#isAway) return
    this.#isAway = false
    this.#heldOrNot()
  }

  /** Shows the rows that wait and follows the newest again. */
  showNew(): void {
    this.#pausedAt = null
    this.#isAway = false
    this.#heldOrNot()
  }

  /** The rows received since this was last asked, for those who hear the tape. */
  takeAnnouncement(): Tally {
    const tally = this.#unannounced
    this.#unannounced = Nothing
    return tally
  }

  #heldOrNot(): void {
    if (this.#pausedAt !== null || this.#isAway) this.#held ??= this.#log.end
    else {
      this.#held = null
      this.#waiting = Nothing
      this.#log.bound(this.#capacity)
    }
    this.#flush()
  }

  #rowOf(entry: ChannelEntry, how: 'history' | 'live'): TapeRow | null {
    const { epoch, offset } = entry
    const key = `${epoch}:${offset}`
    if (entry.type === 'gap') {
      const { from, to, count, reason, backfilled } = entry
      return { kind: 'gap', key, epoch, offset, from, to, count, reason, backfilled }
    }
    const alert = parseFlowAlert(entry.data)
    if (alert === null) return null
    const fadesFrom = how === 'live' && this.#held === null ? this.#fade() : null
    return { kind: 'alert', key, epoch, offset, receivedAt: entry.receivedAt, alert, fadesFrom }
  }

  #fade(): number | null {
    const now = this.#now()
    this.#fades = this.#fades.filter(time => now - time < 1_000)
    if (this.#fades.length >= FadesPerSecond) return null
    this.#fades.push(now)
    return now
  }

  #count(row: TapeRow): void {
    if (row.kind === 'gap') return
    if (this.#held !== null) this.#waiting = tallied(this.#waiting, row)
    // The rows the page began with are not news.
    if (this.#reception.isLoaded) this.#unannounced = tallied(this.#unannounced, row)
  }

  #flush(): void {
    this.#view.set({
      rows: new RowList(this.#log, this.#held ?? this.#log.end),
      isLoaded: this.#reception.isLoaded,
      refusal: this.#reception.refusal,
      pausedAt: this.#pausedAt,
      isHeld: this.#held !== null,
      waiting: this.#waiting,
    })
  }
}

function tallied({ count, largest }: Tally, row: AlertRow): Tally {
  const isLarger = largest === null || (row.alert.premium ?? 0) > (largest.alert.premium ?? 0)
  return { count: count + 1, largest: isLarger ? row : largest }
}
