import { Cell, type Readable } from '../stream/Cell'

/** The themes a reader can choose. */
export type Theme = 'dark' | 'light'

const Key = 'tidewire.theme'

/** The reader's theme: on the root element for the tokens, in local storage for the next visit. */
export class ThemeChoice implements Readable<Theme> {
  readonly #cell: Cell<Theme>
  readonly #root: HTMLElement

  constructor(root: HTMLElement) {
    this.#root = root
    this.#cell = new Cell<Theme>(remembered() === 'light' ? 'light' : 'dark')
    root.dataset.theme = this.#cell.get()
  }

  readonly get = (): Theme => this.#cell.get()

  readonly subscribe = (reader: () => void): (() => void) => this.#cell.subscribe(reader)

  toggle(): void {
    const theme = this.#cell.get() === 'dark' ? 'light' : 'dark'
    this.#root.dataset.theme = theme
    remember(theme)
    this.#cell.set(theme)
  }
}

// A browser may refuse storage altogether. Then the choice lasts as long as the page.
function remembered(): string | null {
  try {
    return localStorage.getItem(Key)
  } catch {
    return null
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(Key, theme)
  } catch {
    return
  }
}
