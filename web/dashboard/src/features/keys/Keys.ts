import { Cell, type Readable } from '../../stream/Cell'
import { Remembered } from '../../stream/Remembered'
import { type Command, isSingle, type Stroke, writtenKey } from './Command'

/** What lies over the page: nothing, the palette or the sheet of keys. */
export type Overlay = 'none' | 'palette' | 'keys'

/** Where the focus is when a key is pressed. */
export interface Focus {
  /** In a field: letters are written. */
  readonly isTyping: boolean
  /** On a control or in a list that has keys of its own: Enter, Space and arrows are its. */
  readonly hasOwnKeys: boolean
}

/** Settings of {@link Keys}. */
export interface KeysOptions {
  readonly commands: readonly Command[]
  readonly now?: () => number
}

/** How long the second key of a pair may take, ms. */
export const PairWithin = 1_500
/** Keys that act on what has the focus. */
const OfControls: ReadonlySet<string> = new Set(['Enter', 'Space', 'ArrowUp', 'ArrowDown', 'Home', 'End'])

/** Which command a key is. It knows the commands and the first key of a pair, and nothing of the page. */
export class Keys {
  /** Whether single letters are commands. Ctrl K always is one. */
  readonly areSinglesOn = new Remembered('tidewire.single-keys', kept => kept !== false)
  readonly #overlay = new Cell<Overlay>('none')
  readonly #pending = new Cell<string | null>(null)
  readonly #commands: readonly Command[]
  readonly #now: () => number
  #pendingUntil = 0

  constructor({ commands, now }: KeysOptions) {
    this.#now = now ?? Date.now
    this.#commands = [
      {
        id: 'palette',
        title: 'Search or command',
        group: 'Everywhere',
        icon: 'search',
        keys: ['Ctrl k'],
        isKeyOnly: true,
        run: () => this.show('palette'),
      },
      {
        id: 'keys',
        title: 'Show all keys',
        group: 'Everywhere',
        icon: 'keys',
        keys: ['?'],
        run: () => this.show('keys'),
      },
      ...commands,
    ]
    assertOneCommandPerKey(this.#commands)
  }

  /** All commands, in the order of their groups. */
  get commands(): readonly Command[] {
    return this.#commands
  }

  get overlay(): Readable<Overlay> {
    return this.#overlay
  }

  /** The first key of a pair, as long as the second is awaited. */
  get pending(): Readable<string | null> {
    return this.#pending
  }

  show(overlay: Overlay): void {
    this.#overlay.set(overlay)
  }

  /** The second key of a pair did not come in time. */
  lapse(): void {
    if (this.#now() > this.#pendingUntil) this.#pending.set(null)
  }

  /** Takes a key. True when it was a command's, or the first of a pair: then it is nobody else's. */
  press(stroke: Stroke, focus: Focus): boolean {
    const written = writtenKey(stroke)
    if (written === null) return false
    const first = this.#now() <= this.#pendingUntil ? this.#pending.get() : null
    this.#pending.set(null)
    if (isSingle(written)) {
      if (!this.areSinglesOn.get() || focus.isTyping || this.#overlay.get() !== 'none') return false
      if (focus.hasOwnKeys && OfControls.has(written)) return false
    }
    const wanted = first === null ? written : `${first} ${written}`
    const command = this.#commands.find(({ keys }) => keys.includes(wanted))
    if (command !== undefined) {
      command.run()
      return true
    }
    if (
      first === null &&
      this.#commands.some(({ keys }) => keys.some(key => key.startsWith(`${written} `)))
    ) {
      this.#pending.set(written)
      this.#pendingUntil = this.#now() + PairWithin
      return true
    }
    // A key after a first one that begins no pair with it is one that was mistyped, not a command of its own.
    return first !== null
  }
}

function assertOneCommandPerKey(commands: readonly Command[]): void {
  const all = commands.flatMap(({ keys }) => keys)
  const twice = all.find((key, index) => all.indexOf(key) !== index)
  if (twice !== undefined) throw new Error(`Two commands have the key ${twice}`)
}
