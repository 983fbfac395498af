import { Cell, type Readable } from '../../stream/Cell'
import { Remembered } from '../../stream/Remembered'

/** The themes there are. */
export const Themes = ['dark', 'light', 'contrast'] as const
/** The pairs of hues for calls and puts; deuteranopia and protanopia keep those of the second one apart. */
export const Pairs = ['green-red', 'blue-orange'] as const
/** How much room a row has. */
export const Densities = ['dense', 'comfortable'] as const

/** How the page looks to this reader. */
export interface Look {
  readonly theme: (typeof Themes)[number]
  readonly pair: (typeof Pairs)[number]
  readonly density: (typeof Densities)[number]
}

/** The reader's look: on the root element for the tokens, in the browser's storage for the next visit. */
export class LookChoice implements Readable<Look> {
  readonly #kept: Remembered<Look>
  readonly #cell: Cell<Look>
  readonly #root: { readonly dataset: DOMStringMap }

  /** `wantsContrast` is what the reader's system asks for; it holds until the reader chooses here. */
  constructor(root: { readonly dataset: DOMStringMap }, wantsContrast: boolean) {
    this.#root = root
    this.#kept = new Remembered<Look>('tidewire.look', kept => readLook(kept, wantsContrast))
    this.#cell = new Cell(this.#kept.get())
    this.#apply()
  }

  readonly get = (): Look => this.#cell.get()

  readonly subscribe = (reader: () => void): (() => void) => this.#cell.subscribe(reader)

  choose(change: Partial<Look>): void {
    this.#kept.set({ ...this.get(), ...change })
    this.#cell.set(this.#kept.get())
    this.#apply()
  }

  /** Between dark and light, for a key. */
  invert(): void {
    this.choose({ theme: this.get().theme === 'light' ? 'dark' : 'light' })
  }

  #apply(): void {
    const { theme, pair, density } = this.get()
    Object.assign(this.#root.dataset, { theme, pair, density })
  }
}

function readLook(kept: unknown, wantsContrast: boolean): Look {
  const of: { readonly [field: string]: unknown } =
    typeof kept === 'object' && kept !== null ? { ...kept } : {}
  return {
    theme: Themes.find(theme => theme === of.theme) ?? (wantsContrast ? 'contrast' : 'dark'),
    pair: Pairs.find(pair => pair === of.pair) ?? 'green-red',
    density: Densities.find(density => density === of.density) ?? 'dense',
  }
}
