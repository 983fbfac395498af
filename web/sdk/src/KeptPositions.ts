import { formatPosition, type Position, parsePosition } from './Position'
import type { Subscription } from './Subscription'

/** How often positions are written at most, ms. */
const WriteEvery = 500

/** Positions that outlive the page, in a storage of the browser. Without one it keeps nothing. */
export class KeptPositions {
  readonly #prefix: string
  readonly #storage: Storage | null
  readonly #changed = new Set<Subscription>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(where: 'session' | 'local' | false, url: string) {
    this.#prefix = `tidewire:${url}:`
    this.#storage = storageOf(where)
    // The last moment at which a page is sure to be asked; `unload` is not on a phone.
    if (this.#storage !== null) globalThis.addEventListener?.('pagehide', () => this.write())
  }

  get(channel: string, filter: string | null): Position | null {
    return parsePosition(this.#storage?.getItem(this.#key(channel, filter)) ?? '')
  }

  /** The consumer has been given something. */
  moved(subscription: Subscription): void {
    if (this.#storage === null) return
    this.#changed.add(subscription)
    this.#timer ??= setTimeout(() => this.write(), WriteEvery)
  }

  write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const subscription of this.#changed) {
      const { position, channel, filter } = subscription
      if (position === null) continue
      try {
        this.#storage?.setItem(this.#key(channel, filter), formatPosition(position))
      } catch {
        // A full storage keeps the older position: what comes twice then is better than a page that fails.
      }
    }
    this.#changed.clear()
  }

  /** After a logout nothing of the identity stays. */
  forget(): void {
    this.#changed.clear()
    const storage = this.#storage
    if (storage === null) return
    for (const key of Object.keys(storage)) if (key.startsWith(this.#prefix)) storage.removeItem(key)
  }

  #key(channel: string, filter: string | null): string {
    return `${this.#prefix}${channel}${filter === null ? '' : `|${filter}`}`
  }
}

function storageOf(where: 'session' | 'local' | false): Storage | null {
  if (where === false) return null
  try {
    return globalThis[`${where}Storage`] ?? null
  } catch {
    return null // the browser is set to allow none
  }
}
