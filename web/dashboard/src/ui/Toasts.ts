import type { IconName } from './Icon'

/** A short notice of what has happened where the page does not show it. */
export interface Toast {
  readonly id: number
  readonly kind: 'normal' | 'error'
  readonly icon: IconName
  readonly title: string
  readonly body: string | null
  readonly action: { readonly label: string; readonly run: () => void } | null
}

/** What a notice says; what is left out is none. */
export type ToastWords = Partial<Omit<Toast, 'id'>> & Pick<Toast, 'title'>

/** How long a notice stays, ms. An error stays until it is taken away. */
const Lasts = 8_000
/** Most notices at once: the oldest gives way. */
const MostShown = 3

/** The notices that are shown, oldest first. */
export class Toasts {
  #shown: readonly Toast[] = []
  #count = 0
  readonly #readers = new Set<() => void>()
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>()

  readonly get = (): readonly Toast[] => this.#shown

  readonly subscribe = (reader: () => void): (() => void) => {
    this.#readers.add(reader)
    return () => this.#readers.delete(reader)
  }

  /** Shows a notice. The result takes it away. */
  show(words: ToastWords): () => void {
    const id = ++this.#count
    const kind = words.kind ?? 'normal'
    const { title, body = null, action = null, icon = kind === 'error' ? 'warn' : 'check' } = words
    const all = [...this.#shown, { id, kind, icon, title, body, action }]
    for (const { id: gone } of all.slice(0, -MostShown)) this.#forget(gone)
    this.#set(all.slice(-MostShown))
    this.resume(id)
    return () => this.dismiss(id)
  }

  /** Takes a notice away. */
  dismiss(id: number): void {
    this.#forget(id)
    this.#set(this.#shown.filter(toast => toast.id !== id))
  }

  /** Leaves a notice where it is, as long as somebody reads it. */
  hold(id: number): void {
    this.#forget(id)
  }

  /** Lets the time of a notice run again, from its beginning. */
  resume(id: number): void {
    this.#forget(id)
    if (this.#shown.find(toast => toast.id === id)?.kind !== 'normal') return
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), Lasts),
    )
  }

  #forget(id: number): void {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
  }

  #set(shown: readonly Toast[]): void {
    this.#shown = shown
    for (const reader of this.#readers) reader()
  }
}
