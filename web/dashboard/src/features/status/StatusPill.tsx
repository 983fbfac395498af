import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import type { Readable } from '../../stream/Cell'
import { useCell } from '../../ui/useCell'
import { type ReadFeeds, silentOf } from './ChannelTable'
import styles from './Status.module.css'
import { StatusMark } from './StatusMark'
import { StatusPopover } from './StatusPopover'
import type { StatusStore } from './StatusStore'
import { pillWords } from './wording'

interface StatusProps {
  readonly status: StatusStore
  readonly clock: Readable<number>
  readonly feeds: ReadFeeds
}

/** What the page is worth right now, always in sight; pressed, it says all there is to know. */
export function StatusPill({ status, clock, feeds }: StatusProps): ReactNode {
  const [isOpen, setIsOpen] = useState(false)
  const pill = useRef<HTMLButtonElement>(null)
  const root = useRef<HTMLDivElement>(null)
  const popover = useId()

  useEffect(() => {
    if (!isOpen) return
    const close = (event: PointerEvent | KeyboardEvent): void => {
      if (
        event instanceof KeyboardEvent ? event.key !== 'Escape' : root.current?.contains(event.target as Node)
      )
        return
      setIsOpen(false)
      if (event instanceof KeyboardEvent) pill.current?.focus()
    }
    addEventListener('pointerdown', close)
    addEventListener('keydown', close)
    return () => {
      removeEventListener('pointerdown', close)
      removeEventListener('keydown', close)
    }
  }, [isOpen])

  const { condition } = useCell(status)
  const { word, wide, more, title } = useWords({ status, clock, feeds })
  return (
    <div ref={root} className={styles.root}>
      <button
        type="button"
        ref={pill}
        className={styles.pill}
        data-testid="status-pill"
        data-state={condition}
        title={title}
        aria-label={title}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-controls={isOpen ? popover : undefined}
        onClick={() => setIsOpen(!isOpen)}
      >
        <StatusMark condition={condition} />
        <span className={styles.words}>
          {word}
          {wide !== '' && <span className={styles.wide}> {wide}</span>}
          {more !== '' && <span className={styles.more}> {more}</span>}
        </span>
      </button>
      {isOpen && (
        <StatusPopover
          id={popover}
          status={status}
          clock={clock}
          feeds={feeds}
          onClose={() => {
            setIsOpen(false)
            pill.current?.focus()
          }}
        />
      )}
    </div>
  )
}

function useWords({ status, clock, feeds }: StatusProps): ReturnType<typeof pillWords> {
  const view = useCell(status)
  const read = useCell(feeds.read)
  return pillWords(view, useCell(clock), silentOf(read, useCell(feeds.states)))
}
