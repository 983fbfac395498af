/** Why a position cannot be resumed, in the words of the server. */
const reasons = {
  epoch: "the epoch has changed: the log's past was lost",
  beyond: 'the offset is beyond the newest entry',
  old: 'the offset is older than what is kept',
}

const start = Date.parse('2026-11-20T14:30:05.000Z')

/** When the entry of this offset was received: a second apart, so that a case is the same each time. */
const instant = offset => new Date(start + offset * 1000).toISOString()

/** The log of one channel, as docs/protocol.md describes it. A case appends; readers hold cursors. */
export class ChannelLog {
  #entries = []
  #readers = new Set()
  /** Offsets that are left out when they would be shown live: a fault no real server has. */
  unshown = new Set()

  constructor(name, { epoch = 'e1', oldest = 0, entries = [] } = {}) {
    this.name = name
    this.epoch = epoch
    /** Positions before this one have left what is kept. */
    this.oldest = oldest
    this.newest = oldest
    this.append(entries)
  }

  get symbol() {
    const colon = this.name.indexOf(':')
    return colon < 0 ? undefined : this.name.slice(colon + 1)
  }

  /**
   * Appends what a case says. `{}` is a publication; `gap` makes it a gap; `hidden` is kept back by any filter;
   * `superseded` has been replaced by a newer value of its key; `lost` stands before a gap `store_lost` and counts the
   * offsets that it takes with it.
   */
  append(entries) {
    for (const { data, gap, hidden, superseded, replaces, lost = 0, source = 'socket' } of entries) {
      const offset = this.newest + 1 + lost
      const at = instant(offset)
      const told = gap && { from_time: instant(offset - 1), to_time: at, count: null, reason: 'upstream_down', backfilled: false, ...gap }
      this.#entries.push({ offset, at, data: data ?? { n: offset }, gap: told, hidden, superseded, replaces, lost, source })
      this.newest = offset
    }
    for (const reader of [...this.#readers]) reader.pump()
  }

  after(offset) {
    return this.#entries.filter(entry => entry.offset > offset)
  }

  /** The newest entries up to a position, oldest first; gaps are no part of the past that is shown. */
  past(count, upTo = this.newest) {
    return count > 0 ? this.#entries.filter(entry => entry.offset <= upTo).slice(-count) : []
  }

  /** Where a subscription begins: after `since` when that can be resumed, else at the end, with the reason. */
  begin(since) {
    if (since === undefined) return { offset: this.newest, recovered: false }
    const reason =
      since.epoch !== this.epoch
        ? reasons.epoch
        : since.offset > this.newest
          ? reasons.beyond
          : since.offset < this.oldest
            ? reasons.old
            : undefined
    return reason === undefined
      ? { offset: since.offset, recovered: true }
      : { offset: this.newest, recovered: false, reason }
  }

  /** The past is lost: another epoch, other entries. Its readers are shown nothing any more. */
  renew(epoch, entries = [], oldest = 0) {
    for (const reader of this.readers) reader.end()
    this.epoch = epoch
    this.oldest = oldest
    this.newest = oldest
    this.#entries = []
    this.append(entries)
  }

  join(reader) {
    this.#readers.add(reader)
  }

  leave(reader) {
    this.#readers.delete(reader)
  }

  get readers() {
    return [...this.#readers]
  }
}

/** A cursor in a log: shows each entry once, in order, and counts what it passes over. */
export class Reader {
  #merged = 0
  #filtered = 0
  #recoveredUpTo
  live = true

  /**
   * @param sink `entry(log, entry, passed)` and `position(log, offset, passed)`
   */
  constructor(log, { offset, filter, sink }) {
    this.log = log
    this.offset = offset
    this.filter = filter
    this.sink = sink
    this.#recoveredUpTo = log.newest
    log.join(this)
  }

  /** Shows what follows the cursor. Held, it shows nothing until released. */
  pump() {
    if (!this.live) return
    for (const entry of this.log.after(this.offset)) {
      const lost = Math.min(entry.lost, entry.offset - 1 - this.offset)
      this.offset = entry.offset
      if (this.log.unshown.has(entry.offset)) {
        // Not counted: that is the fault. What is resumed later has it, unless the case wants it gone for good.
        if (entry.offset > this.#recoveredUpTo || this.log.unshown.forGood) continue
      }
      if (entry.hidden && this.filter) this.#filtered++
      else if (entry.superseded && entry.offset > this.#recoveredUpTo) this.#merged++
      else this.sink.entry(this.log, entry, this.#passed(lost))
      if (!this.live) return
    }
  }

  /** Says where the cursor stands, with what was passed over since the last entry. */
  tellPosition() {
    if (this.live) this.sink.position(this.log, this.offset, this.#passed(0))
  }

  /** What was passed over and not yet told, as a poll answers it. */
  takePassed() {
    return this.#passed(0)
  }

  end() {
    this.live = false
    this.log.leave(this)
  }

  #passed(lost) {
    const passed = { merged: this.#merged + lost, filtered: this.#filtered }
    this.#merged = 0
    this.#filtered = 0
    return passed
  }
}
