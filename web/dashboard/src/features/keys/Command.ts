import type { IconName } from '../../ui/Icon'

/** Something the reader can have done by a key or by the palette. */
export interface Command {
  readonly id: string
  /** What it does, as a sentence begins: `Pause or resume the tape`. */
  readonly title: string
  readonly group: string
  readonly icon: IconName
  /**
   * Keys that do it: `j`, `Enter`, `Space`, `?`, `Ctrl k`, or one after the other, `g g`. Null where only the palette has
   * it. Keys in a list each do it alone.
   */
  readonly keys: readonly string[]
  run(): void
  /** Whether the palette leaves it out: a step within a list is no command to look for. */
  readonly isKeyOnly?: boolean
}

/** Something that can be done with a ticker the palette has found. */
export interface TickerCommand {
  readonly id: string
  readonly icon: IconName
  title(ticker: string): string
  run(ticker: string): void
}

/** A key that was pressed, as far as a command depends on it. */
export interface Stroke {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
}

/** How a key is written in a command: `j`, `Space`, `Ctrl k`. Null for one that no command has. */
export function writtenKey({ key, ctrlKey, metaKey, altKey }: Stroke): string | null {
  if (altKey) return null
  const name = key === ' ' ? 'Space' : key
  // The command key of one system is the control key of the others.
  if (ctrlKey || metaKey) return name.length === 1 ? `Ctrl ${name.toLowerCase()}` : null
  return name
}

/** Whether a key is one that writes: while a field has focus it is the field's. */
export function isSingle(written: string): boolean {
  return !written.startsWith('Ctrl ')
}
