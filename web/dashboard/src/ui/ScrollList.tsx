import { type ReactNode, useEffect, useRef } from 'react'
import { grouped } from './figures'
import { Icon } from './Icon'
import styles from './ScrollList.module.css'

/** A list that holds still while the reader is further down. */
interface Held {
  readonly isHeld: boolean
  readonly onLeaveTop: () => void
  readonly onReachTop: () => void
}

/** How far down counts as away, px. */
const Away = 8

/** A scrolling part of a panel. Once it is no longer held it is at its top. */
export function ScrollList({
  label,
  isHeld,
  onLeaveTop,
  onReachTop,
  children,
}: { label: string; children: ReactNode } & Held): ReactNode {
  const scroller = useRef<HTMLElement>(null)
  useEffect(() => {
    if (!isHeld) scroller.current?.scrollTo({ top: 0 })
  }, [isHeld])
  return (
    <section
      ref={scroller}
      className={styles.scroller}
      aria-label={label}
      // Space scrolls it, as anywhere; it does not pause the tape from here.
      data-own-keys
      // A scrolling region must be within reach of the keyboard.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the region scrolls
      tabIndex={0}
      onScroll={event => {
        if (event.currentTarget.scrollTop > Away) onLeaveTop()
        else onReachTop()
      }}
    >
      {children}
    </section>
  )
}

/** How many rows wait, and the way to them. */
export function Waiting({ count, onShow }: { count: number; onShow: () => void }): ReactNode {
  if (count === 0) return null
  return (
    <button type="button" className={styles.waiting} data-testid="panel-waiting" onClick={onShow}>
      <Icon name="up" size="tiny" />
      {grouped(count)} new
    </button>
  )
}
