import type { Stats } from './Tally'

/** The figures of a client in a corner of the page. */
export class StatsPanel {
  readonly #read: () => Stats
  #panel: HTMLElement | null = null
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(read: () => Stats) {
    this.#read = read
  }

  /** Shows the panel, or takes it away. @returns whether it is shown now; never without a page. */
  toggle(): boolean {
    if (this.#panel !== null || typeof document === 'undefined') {
      this.hide()
      return false
    }
    const panel = document.createElement('pre')
    panel.id = 'tidewire-stats'
    // A policy that forbids inline styles allows this one.
    panel.style.cssText = 'position:fixed;right:0;bottom:0;margin:0;background:#111;color:#eee'
    const show = (): void => {
      panel.textContent = JSON.stringify(this.#read(), null, 1)
    }
    show()
    document.body.append(panel)
    this.#panel = panel
    this.#timer = setInterval(show, 1000)
    return true
  }

  hide(): void {
    clearInterval(this.#timer)
    this.#panel?.remove()
    this.#panel = null
  }
}
