import type { Gap, Position, Publication, Reset, StreamEvent, Subscribed } from '@tidewire/sdk'
import type { ChannelEntry, ChannelReader, GapEntry } from './Channels'
import { asTime } from './json'

/** How long earlier entries may take before the page says that there are none. */
const HistoryWithin = 1_000

/** A span of offsets that did not come, and may still. `to` is null where nobody can know how many there are. */
interface Hole {
  readonly epoch: string
  readonly from: number
  readonly to: number | null
}

/**
 * What a subscription tells, as entries to show: each once, oldest first, with a gap of the page's own where something is
 * missing that does not follow. Those that come together are handed over together.
 */
export class EntryReading {
  readonly #history: number
  readonly #reader: ChannelReader
  readonly #shown: ((entries: readonly ChannelEntry[]) => void) | undefined
  #pending: { how: 'history' | 'live'; entries: ChannelEntry[] }[] = []
  /** The newest entry that was shown. */
  #last: { readonly position: Position; readonly at: number | null } | null = null
  #hole: Hole | null = null
  #waiting: ReturnType<typeof setTimeout> | undefined
  /** What is held was kept by the browser, and the server has not been heard yet. */
  #isKept = false
  #isEnded = false

  /** `shown` is told of the entries that were shown. */
  constructor(history: number, reader: ChannelReader, shown?: (entries: readonly ChannelEntry[]) => void) {
    this.#history = history
    this.#reader = reader
    this.#shown = shown
  }

  /** Shows what the browser has kept, unless something newer is there. */
  restore(entries: readonly ChannelEntry[]): boolean {
    const last = entries.at(-1)
    if (this.#last !== null || this.#isEnded || last === undefined) return false
    const { epoch } = last
    // A gap of the page's own stands half an offset before the entry that followed.
    const offset = Math.ceil(last.offset)
    this.#last = { position: { epoch, offset }, at: last.type === 'message' ? last.receivedAt : last.to }
    this.#isKept = true
    this.#reader.entries(entries, 'history')
    return true
  }

  /** Where it goes on when the channel is asked for anew; null before the first entry. */
  get position(): Position | null {
    return this.#last?.position ?? null
  }

  take(event: StreamEvent): void {
    switch (event.type) {
      case 'subscribed':
        if (event.recovered) this.#joined(false)
        else this.#reset(event)
        return
      case 'reset':
        this.#reset(event)
        return
      case 'missed':
        this.#hole = { epoch: event.epoch, from: event.from, to: event.to }
        return
      case 'publication':
      case 'gap':
        this.#entry(event)
        return
      default:
        event satisfies never
    }
  }

  /** Nobody reads it any more. */
  end(): void {
    this.#isEnded = true
    clearTimeout(this.#waiting)
  }

  #joined(historyFollows: boolean): void {
    this.#flush()
    this.#reader.joined(historyFollows)
    // An empty answer is not told. Entries that have left the log since make one.
    clearTimeout(this.#waiting)
    if (historyFollows) this.#waiting = setTimeout(() => this.#reader.entries([], 'history'), HistoryWithin)
  }

  /** It begins after the position, whatever it held. */
  #reset({ epoch, offset }: Reset | Subscribed): void {
    if (this.#isKept && this.#last?.position.epoch !== epoch) {
      this.#last = null
      this.#reader.forget?.()
    }
    this.#isKept = false
    const held = this.#last?.position
    if (held !== undefined) {
      const isSame = held.epoch === epoch
      this.#hole = { epoch, from: isSame ? held.offset + 1 : 0, to: isSame ? offset : null }
    }
    this.#joined(this.#history > 0 && offset > 0)
  }

  #entry(event: Publication | Gap): void {
    const { epoch, offset, history } = event
    const last = this.#last?.position
    if (history && last?.epoch === epoch && offset <= last.offset) return
    clearTimeout(this.#waiting)
    const entry = entryOf(event)
    const at = entry.type === 'message' ? entry.receivedAt : entry.to
    this.#fill(event, at, history ? 'history' : 'live')
    this.#add(entry, history ? 'history' : 'live')
    this.#last = { position: { epoch, offset }, at: at ?? this.#last?.at ?? null }
  }

  /** What of the hole comes before this entry did not come at all. */
  #fill(next: Publication | Gap, at: number | null, how: 'history' | 'live'): void {
    const hole = this.#hole
    if (hole === null) return
    const { epoch, offset, merged, filtered, history } = next
    if (hole.epoch !== epoch || hole.to === null) {
      this.#hole = null
      this.#add(this.#gap(next, offset, at, null), how)
      return
    }
    // What was merged or filtered before it is not missing.
    const before = Math.min(hole.to, offset - 1 - (history ? 0 : merged + filtered))
    if (before >= hole.from) this.#add(this.#gap(next, before + 1, at, before - hole.from + 1), how)
    this.#hole = offset >= hole.to ? null : { ...hole, from: offset + 1 }
  }

  /** A gap in front of an offset. */
  #gap(
    { channel, epoch }: Publication | Gap,
    offset: number,
    to: number | null,
    count: number | null,
  ): GapEntry {
    return {
      type: 'gap',
      channel,
      epoch,
      offset: offset - 0.5,
      from: this.#last?.at ?? null,
      to,
      count,
      reason: 'not_recovered',
      backfilled: false,
    }
  }

  #add(entry: ChannelEntry, how: 'history' | 'live'): void {
    const batch = this.#pending.at(-1)
    if (batch?.how === how) {
      batch.entries.push(entry)
      return
    }
    this.#pending.push({ how, entries: [entry] })
    if (batch === undefined) queueMicrotask(() => this.#flush())
  }

  #flush(): void {
    const batches = this.#pending
    this.#pending = []
    if (this.#isEnded) return
    for (const { how, entries } of batches) {
      this.#reader.entries(entries, how)
      this.#shown?.(entries)
    }
  }
}

function entryOf(event: Publication | Gap): ChannelEntry {
  const { channel, epoch, offset } = event
  if (event.type === 'publication') {
    const { data, source, replaces, timestamp } = event
    return {
      type: 'message',
      channel,
      epoch,
      offset,
      receivedAt: asTime(timestamp) ?? 0,
      data,
      source,
      replaces,
    }
  }
  const { fromTime, toTime, count, reason, backfilled } = event
  return {
    type: 'gap',
    channel,
    epoch,
    offset,
    from: asTime(fromTime),
    to: asTime(toTime),
    count,
    reason,
    backfilled,
  }
}
