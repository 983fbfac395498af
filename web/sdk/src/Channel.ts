import type { Entry } from './events'
import { countOf, entryOf, type Frame, isObject, positionOf, type Recall, textOr } from './frames'
import type { Position } from './Position'
import type { Subscription } from './Subscription'
import type { Tally } from './Tally'
import { LocalFault, TidewireError } from './TidewireError'
import type { Join } from './wires/Wire'

/** What a channel needs of its connection. */
export interface ChannelLink {
  readonly tally: Tally
  readonly isOpen: boolean
  /** Names a request, so that its answer is known: an error names no channel. */
  nextId(): number
  join(join: Join): void
  leave(channel: string): void
  /** The present position, and so many entries before it. */
  past(channel: string, filter: string | null, history: number): Promise<Past>
  /** Calls back after a while, unless the connection is gone by then. */
  later(action: () => void): void
}

/** A piece of the past of a channel. */
export interface Past {
  readonly position: Position
  readonly entries: readonly Frame[]
}

const EpochChanged = "the epoch has changed: the log's past was lost"
const NotNow = 108
/** Feeds whose past the server sends first without being asked. */
const OwnPast = /^(ticker:|market_status$)/

/**
 * One channel of a connection, and the subscriptions that share it. It holds every entry to the rule
 * `offset = previous + 1 + merged + filtered`, and joins from the position of whoever is furthest behind: who is further
 * on is not shown what it has.
 */
export class Channel {
  readonly name: string
  readonly filter: string | null
  readonly maxRate: number | null
  readonly #link: ChannelLink
  readonly #readers = new Set<Subscription>()
  /** Readers whose past is being fetched. */
  readonly #fetching = new Set<Subscription>()
  /** Readers that were confirmed with no position of their own and are yet to be shown history. */
  readonly #awaiting = new Set<Subscription>()
  #joinId = 0
  #since: Position | null = null
  #state: 'left' | 'joining' | 'joined' = 'left'
  /** Where the connection stands in the channel. */
  #cursor: Position = { epoch: '', offset: 0 }
  /** The hole that was asked for again: behind which offset, and up to which it was told. */
  #hole: { readonly after: number; readonly to: number } | null = null
  /** It spoke of another epoch than it had confirmed, and was asked again. */
  #isAstray = false
  /** Until which time of the server entries are made up for; null when the subscription is up to date. */
  #recoveredUntil: string | null = null

  constructor(first: Subscription, link: ChannelLink) {
    this.name = first.channel
    this.filter = first.filter
    this.maxRate = first.maxRate
    this.#link = link
  }

  get isEmpty(): boolean {
    return this.#readers.size === 0
  }

  /** Whether the subscription can share this channel: a connection holds a channel with one filter and one rate. */
  suits(subscription: Subscription): boolean {
    return this.filter === subscription.filter && this.maxRate === subscription.maxRate
  }

  add(reader: Subscription): void {
    this.#readers.add(reader)
    if (!this.#link.isOpen) return
    if (this.#state === 'left') this.join()
    else if (this.#state === 'joined') this.#settle()
  }

  remove(reader: Subscription): void {
    this.#readers.delete(reader)
    this.#awaiting.delete(reader)
    if (this.#active().length === 0) this.#leave()
  }

  /** A reader stopped taking, or takes again. */
  held(): void {
    if (this.#active().length === 0) this.#leave()
    else if (this.#state === 'left') this.join()
    else if (this.#state === 'joined') this.#settle()
  }

  /** The connection is gone; what was asked will not be answered. */
  lost(): void {
    this.#state = 'left'
    this.#fetching.clear()
  }

  /** It will not be served any more. */
  fail(error: TidewireError): void {
    for (const reader of [...this.#readers]) reader.fail(error)
  }

  /** Asks the server for the channel, from the position of the reader furthest behind. */
  join(): void {
    const active = this.#active()
    if (active.length === 0 || !this.#link.isOpen) return
    if (this.#state !== 'left') this.#link.leave(this.name)
    this.#state = 'joining'
    this.#since = furthestBehind(active)
    // The server reads an absent history as its own default, which for some feeds is not none.
    const asked = active.map(reader => reader.history).filter(history => history !== null)
    this.#joinId = this.#link.nextId()
    this.#link.join({
      id: this.#joinId,
      channel: this.name,
      filter: this.filter,
      maxRate: this.maxRate,
      since: this.#since,
      history: asked.length === 0 ? null : Math.max(...asked),
    })
  }

  /** A message of the server about this channel. */
  receive(frame: Frame): void {
    switch (frame.type) {
      case 'subscription':
        if (this.#state === 'joining' && frame.id === this.#joinId && frame.action === 'subscribed')
          this.#confirmed(frame)
        return
      case 'error':
        if (this.#state === 'joining' && frame.id === this.#joinId) this.#refused(frame)
        return
      case 'history':
        if (this.#state === 'joined') this.#history(frame)
        return
      case 'position': {
        const position = positionOf(frame)
        if (this.#state === 'joined' && position !== null) this.#moved(position, frame)
        return
      }
      default: {
        if (this.#state !== 'joined') return
        const entry = entryOf(frame, this.name, this.#cursor.epoch, this.#recall(frame))
        if (entry === null) this.#link.tally.errors++
        else this.#entry(entry)
      }
    }
  }

  #active(): Subscription[] {
    return [...this.#readers].filter(reader => !reader.isHeld && !this.#fetching.has(reader))
  }

  #leave(): void {
    if (this.#state === 'left') return
    this.#state = 'left'
    if (this.#link.isOpen) this.#link.leave(this.name)
  }

  #recall(frame: Frame): Recall {
    if (this.#recoveredUntil === null) return 'live'
    if (textOr(frame.timestamp, '') < this.#recoveredUntil) return 'recovered'
    this.#recoveredUntil = null
    return 'live'
  }

  #confirmed(frame: Frame): void {
    const position = positionOf(frame)
    if (position === null) {
      this.#link.tally.errors++
      this.#joinLater()
      return
    }
    const since = this.#since
    const recovered = since !== null && frame.recovered === true
    this.#state = 'joined'
    this.#cursor = position
    this.#recoveredUntil = recovered ? textOr(frame.timestamp, null) : null
    for (const reader of this.#active()) {
      const own = reader.readPosition
      if (own === null) {
        if (since !== null) continue
        reader.confirmed(position, false)
        this.#awaiting.add(reader)
      } else if (since !== null && own.epoch === since.epoch && own.offset === since.offset) {
        if (recovered) reader.confirmed(own, true)
        else {
          reader.reset(position, textOr(frame.reason, EpochChanged))
          this.#awaiting.add(reader)
        }
      } else if (recovered && since !== null && own.epoch === since.epoch) reader.confirmed(own, true)
    }
    this.#settle()
  }

  /** Brings readers that stand elsewhere to where the connection stands. */
  #settle(): void {
    const { epoch, offset } = this.#cursor
    let isBehind = false
    for (const reader of this.#active()) {
      const own = reader.readPosition
      if (own === null) this.#fetch(reader)
      else if (own.epoch !== epoch) {
        // Asked of the server while nobody else would be disturbed; else the answer is known.
        if (this.#readers.size === 1) isBehind = true
        else reader.reset(this.#cursor, EpochChanged)
      } else if (own.offset < offset) isBehind = true
    }
    if (isBehind) this.join()
  }

  /** A reader comes to a channel that is read already: it goes on with the others, after the past that it asked for. */
  #fetch(reader: Subscription): void {
    const history = reader.history ?? (OwnPast.test(this.name) ? 100 : 0)
    if (history === 0) {
      reader.confirmed(this.#cursor, false)
      return
    }
    this.#fetching.add(reader)
    this.#link.past(this.name, this.filter, history).then(
      past => this.#fetched(reader, past),
      () => {
        reader.warn(new TidewireError(LocalFault, 'The past could not be fetched', this.name))
        this.#fetched(reader, { position: this.#cursor, entries: [] })
      },
    )
  }

  #fetched(reader: Subscription, { position, entries }: Past): void {
    if (!this.#fetching.delete(reader) || !this.#readers.has(reader)) return
    reader.confirmed(position, false)
    this.#show([reader], position.epoch, entries)
    if (this.#state === 'joined') this.#settle()
    else if (this.#state === 'left') this.join()
  }

  #history(frame: Frame): void {
    const { messages } = frame
    if (!Array.isArray(messages) || this.#awaiting.size === 0) return
    const readers = [...this.#awaiting]
    this.#awaiting.clear()
    this.#show(readers, textOr(frame.epoch, this.#cursor.epoch), messages.filter(isObject))
  }

  #show(readers: readonly Subscription[], epoch: string, frames: readonly Frame[]): void {
    for (const reader of readers) {
      const shown =
        reader.history === null ? frames : frames.slice(Math.max(0, frames.length - reader.history))
      for (const frame of shown) {
        const entry = entryOf(frame, this.name, epoch, 'history')
        if (entry !== null) reader.accept(entry)
      }
    }
  }

  #refused(frame: Frame): void {
    this.#state = 'left'
    const code = countOf(frame.code)
    const error = new TidewireError(code, textOr(frame.message, ''), this.name)
    this.#link.tally.errors++
    if (frame.retryable === true || code === NotNow) {
      for (const reader of this.#readers) reader.warn(error)
      this.#joinLater()
    } else this.fail(error)
  }

  #joinLater(): void {
    this.#leave()
    this.#link.later(() => {
      if (this.#state === 'left') this.join()
    })
  }

  /** Asks again what it is that the server reads: at once, and after a while when that did not help. */
  #astray(): void {
    if (this.#isAstray) this.#joinLater()
    else this.join()
    this.#isAstray = true
  }

  #entry(entry: Entry): void {
    if (entry.epoch !== this.#cursor.epoch) {
      this.#astray()
      return
    }
    this.#isAstray = false
    const previous = this.#cursor.offset
    if (entry.offset <= previous) {
      this.#link.tally.duplicates++
      return
    }
    if (this.#isHole(entry.offset - 1 - entry.merged - entry.filtered)) return
    this.#cursor = entry
    this.#each(entry.offset, (reader, at) => reader.accept(at > previous ? trimmed(entry, at) : entry))
    if (entry.type === 'publication') this.#link.tally.published(entry)
  }

  #moved(position: Position, frame: Frame): void {
    if (position.epoch !== this.#cursor.epoch) {
      this.#astray()
      return
    }
    this.#isAstray = false
    if (position.offset <= this.#cursor.offset) return
    const merged = countOf(frame.merged)
    const filtered = countOf(frame.filtered)
    if (this.#isHole(position.offset - merged - filtered)) return
    this.#recoveredUntil = null
    this.#cursor = position
    this.#each(position.offset, reader => reader.advance(position, merged, filtered))
  }

  /** Each reader that takes and has not got so far, and where it stands. */
  #each(offset: number, show: (reader: Subscription, at: number) => void): void {
    for (const reader of this.#readers) {
      const at = reader.readPosition
      if (at !== null && !reader.isHeld && at.offset < offset && !this.#fetching.has(reader))
        show(reader, at.offset)
    }
  }

  /** Offsets up to `to` should have come before. Told, and asked for once more; then it goes on without them. */
  #isHole(to: number): boolean {
    const after = this.#cursor.offset
    if (to <= after) return false
    const known = this.#hole?.after === after ? this.#hole : null
    for (const reader of this.#active()) {
      const from = Math.max(after, known?.to ?? 0, reader.readPosition?.offset ?? 0) + 1
      if (from <= to) reader.missed(this.#cursor.epoch, from, to)
    }
    if (known !== null) return false
    this.#hole = { after, to }
    this.join()
    return true
  }
}

function furthestBehind(readers: readonly Subscription[]): Position | null {
  let least: Position | null = null
  for (const { readPosition: own } of readers) {
    if (own === null) continue
    if (least === null || (own.epoch === least.epoch && own.offset < least.offset)) least = own
  }
  return least === null ? null : { epoch: least.epoch, offset: least.offset }
}

/** The entry for a reader that has some of what came before it already: the counts say only what it has not passed. */
function trimmed(entry: Entry, at: number): Entry {
  const skipped = entry.offset - at - 1
  const filtered = Math.min(entry.filtered, skipped)
  return { ...entry, filtered, merged: skipped - filtered }
}
