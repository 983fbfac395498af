import { Cell, type Readable } from './Cell'
import type { ChannelEntry, ChannelReader, Channels } from './Channels'
import { type Schedule, shownOnce, soon } from './Frame'
import { Reception } from './Reception'

/** A row of a list. `key` is its identity: epoch and offset. */
export type ListRow<T> = ItemRow<T> | ListGap

/** A publication in a list. */
export interface ItemRow<T> {
  readonly kind: 'item'
  readonly key: string
  readonly offset: number
  /** When the server received it, epoch ms on the server's clock. */
  readonly receivedAt: number
  readonly item: T
}

/** A place in a list where something is missing. */
export interface ListGap {
  readonly kind: 'gap'
  readonly key: string
  readonly offset: number
  readonly from: number | null
  readonly to: number | null
  readonly count: number | null
  readonly reason: string
  readonly backfilled: number | boolean
}

/** What a list shows. A new object for every change. */
export interface ListView<T> {
  /** Newest first. While {@link isHeld} these are the rows of the moment the reader scrolled away. */
  readonly rows: readonly ListRow<T>[]
  /** False until the server has said which rows there are. */
  readonly isLoaded: boolean
  /** Why the server does not give the channel to this page, or null. */
  readonly refusal: string | null
  readonly isHeld: boolean
  /** How many rows wait while it is held. */
  readonly waiting: number
}

/** Settings of {@link EventList}. */
export interface EventListOptions<T> {
  readonly channels: Channels
  readonly channel: string
  /** How many earlier entries are asked for at first. */
  readonly history: number
  /** Most rows held. The last ones leave first. */
  readonly capacity: number
  /** Reads a payload; null leaves it out. */
  readonly parse: (data: unknown) => T | null
  /** Where the order is not that of arrival: a larger one stands higher, epoch ms. */
  readonly orderOf?: (item: T, receivedAt: number) => number
  /** Calls back soon. Changes in between are shown together. */
  readonly schedule?: Schedule
}

const Fresh: ListView<never> = { rows: [], isLoaded: false, refusal: null, isHeld: false, waiting: 0 }

/**
 * The newest publications of one channel, read only while somebody looks. Nothing moves under a reader who has scrolled
 * down: the picture of that moment stays and new rows are counted.
 */
export class EventList<T> implements ChannelReader, Readable<ListView<T>> {
  readonly #options: EventListOptions<T>
  readonly #changed: () => void
  readonly #view = new Cell<ListView<T>>(Fresh)
  #leave: (() => void) | null = null
  #rows: readonly ListRow<T>[] = []
  #incoming: ListRow<T>[] = []
  #held: readonly ListRow<T>[] | null = null
  #waiting = 0
  readonly #reception = new Reception()

  constructor(options: EventListOptions<T>) {
    this.#options = options
    this.#changed = shownOnce(options.schedule ?? soon, () => {
      this.#merge()
      this.#flush()
    })
  }

  /** The channel it reads. */
  get channel(): string {
    return this.#options.channel
  }

  readonly get = (): ListView<T> => this.#view.get()

  readonly subscribe = (reader: () => void): (() => void) => this.#view.subscribe(reader)

  /** Reads the channel until the result is called. Begins afresh: what came while it was closed is the server's to tell. */
  open(): () => void {
    this.#rows = []
    this.#incoming = []
    this.#held = null
    this.#waiting = 0
    this.#reception.begin()
    this.#flush()
    const leave = this.#options.channels.subscribe(this.#options.channel, this.#options.history, this)
    this.#leave = leave
    return () => {
      leave()
      if (this.#leave === leave) this.#leave = null
    }
  }

  joined(historyFollows: boolean): void {
    this.#reception.joined(historyFollows)
    this.#changed()
  }

  refused(reason: string): void {
    this.#reception.refused(reason)
    this.#changed()
  }

  forget(): void {
    this.#rows = []
    this.#incoming = []
    this.#held = null
    this.#waiting = 0
    this.#changed()
  }

  entries(entries: readonly ChannelEntry[]): void {
    this.#reception.came()
    for (const entry of entries) {
      const row = this.#rowOf(entry)
      if (row === null) continue
      this.#incoming.push(row)
      if (this.#held !== null && row.kind === 'item') this.#waiting++
    }
    // A hidden page is not called back for long. What arrives meanwhile must not grow without bound.
    if (this.#incoming.length >= this.#options.capacity) this.#merge()
    this.#changed()
  }

  /** The reader has scrolled down: what is under the eyes stays there. */
  readonly leaveTop = (): void => {
    if (this.#held !== null) return
    this.#merge()
    this.#held = this.#rows
    this.#flush()
  }

  /** The reader is back at the newest row, or wants to be. */
  readonly reachTop = (): void => {
    if (this.#held === null) return
    this.#held = null
    this.#waiting = 0
    this.#merge()
    this.#flush()
  }

  #rowOf(entry: ChannelEntry): ListRow<T> | null {
    const { epoch, offset } = entry
    const key = `${epoch}:${offset}`
    if (entry.type === 'gap') {
      const { from, to, count, reason, backfilled } = entry
      return { kind: 'gap', key, offset, from, to, count, reason, backfilled }
    }
    const item = this.#options.parse(entry.data)
    return item === null ? null : { kind: 'item', key, offset, receivedAt: entry.receivedAt, item }
  }

  #merge(): void {
    if (this.#incoming.length === 0) return
    const { capacity } = this.#options
    const rows = [...this.#incoming.reverse(), ...this.#rows]
    this.#incoming = []
    // Rows of equal order keep their place: the sort is stable, and the newest come in first.
    if (this.#options.orderOf !== undefined) rows.sort((a, b) => this.#orderOf(b) - this.#orderOf(a))
    this.#rows = rows.slice(0, capacity)
  }

  #orderOf(row: ListRow<T>): number {
    if (row.kind === 'gap') return row.to ?? row.from ?? 0
    return this.#options.orderOf?.(row.item, row.receivedAt) ?? row.receivedAt
  }

  #flush(): void {
    this.#view.set({
      rows: this.#held ?? this.#rows,
      isLoaded: this.#reception.isLoaded,
      refusal: this.#reception.refusal,
      isHeld: this.#held !== null,
      waiting: this.#waiting,
    })
  }
}
