import { useEffect } from 'react'
import type { Keys } from './Keys'

/** Gives every key that is pressed on the page to the commands first. */
export function useKeys(keys: Keys): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || (event.repeat && event.key === ' ')) return
      const { target } = event
      const isTyping =
        target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null
      const hasOwnKeys =
        target instanceof Element &&
        target.closest('button, a, [role=dialog], dialog, [data-own-keys]') !== null
      if (keys.press(event, { isTyping, hasOwnKeys })) {
        event.preventDefault()
        event.stopPropagation()
      }
    }
    addEventListener('keydown', onKey, { capture: true })
    return () => removeEventListener('keydown', onKey, { capture: true })
  }, [keys])
}

/** Puts the focus into a panel: on its scrolling list if it has one, else on the first control in it. */
export function focusPanel(name: string): void {
  const panel = document.querySelector(`[data-panel="${name}"], section[aria-label="${name}"]`)
  const within =
    panel?.querySelector<HTMLElement>('[data-own-keys][tabindex="0"], [role=grid] [tabindex="0"]') ??
    panel?.querySelector<HTMLElement>('button, input, a, [tabindex="0"]')
  within?.focus()
}
