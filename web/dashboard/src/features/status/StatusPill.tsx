import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import type { Readable } from '../../stream/Cell'
import { IconButton } from '../../ui/Button'
import { Icon } from '../../ui/Icon'
import { useCell } from '../../ui/useCell'
import styles from './Status.module.css'
import { StatusMark } from './StatusMark'
import type { StatusStore } from './StatusStore'
import { facts, pillWords } from './wording'

interface StatusProps {
  readonly status: StatusStore
  readonly clock: Readable<number>
}

/** What the page is worth right now, always in sight; pressed, it says all there is to know. */
export function StatusPill({ status, clock }: StatusProps): ReactNode {
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
  const { word, wide, more, title } = useWords(status, clock)
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
          onClose={() => {
            setIsOpen(false)
            pill.current?.focus()
          }}
        />
      )}
    </div>
  )
}

function useWords(status: StatusStore, clock: Readable<number>): ReturnType<typeof pillWords> {
  const view = useCell(status)
  return pillWords(view, useCell(clock))
}

function StatusPopover({
  id,
  status,
  clock,
  onClose,
}: StatusProps & { id: string; onClose: () => void }): ReactNode {
  const view = useCell(status)
  const now = useCell(clock)
  const { title } = pillWords(view, now)
  return (
    <div
      id={id}
      className={styles.popover}
      role="dialog"
      aria-label="Connection"
      data-testid="status-popover"
    >
      <div className={styles.heading} data-state={view.condition}>
        <StatusMark condition={view.condition} />
        <h2>{title}</h2>
        <IconButton label="Close" onClick={onClose}>
          <Icon name="close" size="small" />
        </IconButton>
      </div>
      {view.status?.message != null && <p className={styles.message}>{view.status.message}</p>}
      <dl className={styles.facts}>
        {facts(view, now).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="data">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
