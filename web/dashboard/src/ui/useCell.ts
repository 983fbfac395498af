import { useSyncExternalStore } from 'react'

/** What can be read now and tells when it has changed: a store, as far as a component uses it. */
export interface Source<T> {
  get(): T
  subscribe(reader: () => void): () => void
}

/** The value of a store, rendered again when it changes. */
export function useCell<T>(cell: Source<T>): T {
  return useSyncExternalStore(cell.subscribe, cell.get)
}

/** A text, number or flag derived from a store: rendered again only when the derived value is another one. */
export function useDerived<T, R extends string | number | boolean | null>(
  cell: Source<T>,
  derive: (value: T) => R,
): R {
  return useSyncExternalStore(cell.subscribe, () => derive(cell.get()))
}
