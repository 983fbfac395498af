import { useCallback, useSyncExternalStore } from 'react'

/** Whether the page currently matches a media query. */
export function useMediaQuery(query: string): boolean {
  const subscribe = useCallback(
    (reader: () => void) => {
      const list = matchMedia(query)
      list.addEventListener('change', reader)
      return () => list.removeEventListener('change', reader)
    },
    [query],
  )
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches)
}
