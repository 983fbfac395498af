import type { ChannelEntry } from './Channels'
import { asObject, asTime } from './json'

/** How often the newest entries are written at most, ms. */
const WriteEvery = 2_000

/** Where what is kept lies. */
export interface KeptTable {
  get(key: string): Promise<unknown>
  put(key: string, value: unknown): Promise<void>
}

/** The newest entries of a channel as they were kept, and when the page had them last. */
export interface KeptChannel {
  readonly at: number
  readonly entries: readonly ChannelEntry[]
}

/** The newest entries of each channel, for a page that opens while the server is away. */
export class KeptEntries {
  readonly #table: KeptTable
  readonly #held = new Map<string, { most: number; entries: ChannelEntry[] }>()
  readonly #changed = new Set<string>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(table: KeptTable) {
    this.#table = table
    globalThis.addEventListener?.('pagehide', () => this.#write())
  }

  async read(channel: string): Promise<KeptChannel | null> {
    const kept = asObject(await this.#table.get(`channel ${channel}`))
    const at = asTime(kept?.at)
    return at === null || !Array.isArray(kept?.entries)
      ? null
      : { at, entries: kept.entries as readonly ChannelEntry[] }
  }

  /** Entries were shown. `most` of the newest are kept. */
  note(channel: string, most: number, entries: readonly ChannelEntry[]): void {
    let held = this.#held.get(channel)
    if (held === undefined) {
      held = { most, entries: [] }
      this.#held.set(channel, held)
    }
    held.most = Math.max(held.most, most)
    held.entries.push(...entries)
    if (held.entries.length > 2 * held.most) held.entries = held.entries.slice(-held.most)
    this.#changed.add(channel)
    this.#timer ??= setTimeout(() => this.#write(), WriteEvery)
  }

  #write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const at = Date.now()
    for (const channel of this.#changed) {
      const { most, entries } = this.#held.get(channel) ?? { most: 0, entries: [] }
      void this.#table.put(`channel ${channel}`, { at, entries: entries.slice(-most) } satisfies KeptChannel)
    }
    this.#changed.clear()
  }
}
