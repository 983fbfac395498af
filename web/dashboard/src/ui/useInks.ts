import { useSyncExternalStore } from 'react'

/** Colours by the token they come from, for what is drawn on a canvas and cannot read the style sheet. */
export type Inks<N extends string> = Readonly<Record<N, string>>

const readers = new Set<() => void>()
let generation = 0
let observer: MutationObserver | undefined

function subscribe(reader: () => void): () => void {
  readers.add(reader)
  observer ??= new MutationObserver(() => {
    generation++
    for (const told of readers) told()
  })
  // The theme and the pair stand there as attributes, and `stale` as a class.
  observer.observe(document.documentElement, { attributes: true })
  return () => {
    readers.delete(reader)
    if (readers.size === 0) observer?.disconnect()
  }
}

/** Grows when the page’s colours have changed: whoever has read them reads them again. */
export function useInkGeneration(): number {
  return useSyncExternalStore(subscribe, () => generation)
}

/** The colours as they hold at an element. */
export function inksOf<N extends string>(element: Element, names: readonly N[]): Inks<N> {
  const style = getComputedStyle(element)
  return Object.fromEntries(names.map(name => [name, style.getPropertyValue(`--${name}`).trim()])) as Inks<N>
}
