import { type ReactNode, useEffect, useRef } from 'react'
import { IconButton } from './Button'
import styles from './Drawer.module.css'
import { Icon } from './Icon'

/**
 * Details beside what they are of: as wide as the rail, which it covers, and never over the tape; on a phone it covers all
 * but the header. Escape closes it, and whatever had the focus has it again.
 */
export function Drawer({
  name,
  heading,
  actions,
  onClose,
  children,
}: {
  name: string
  heading?: ReactNode
  actions?: ReactNode
  onClose: () => void
  children: ReactNode
}): ReactNode {
  const drawer = useRef<HTMLElement>(null)
  useEffect(() => {
    const before = document.activeElement
    drawer.current?.focus()
    return () => {
      // A press elsewhere has taken the focus there already.
      const { activeElement } = document
      if (before instanceof HTMLElement && (activeElement === null || activeElement === document.body))
        before.focus()
    }
  }, [])
  return (
    <aside
      ref={drawer}
      className={styles.drawer}
      aria-label={name}
      tabIndex={-1}
      onKeyDown={event => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onClose()
      }}
    >
      <div className={styles.bar}>
        <h2>{heading ?? name}</h2>
        {actions}
        <IconButton label="Close" onClick={onClose}>
          <Icon name="close" size="small" />
        </IconButton>
      </div>
      <div className={styles.body}>{children}</div>
    </aside>
  )
}

/** A part of a drawer, with what it is about. */
export function DrawerSection({
  title,
  note,
  children,
}: {
  title?: string
  note?: ReactNode
  children: ReactNode
}): ReactNode {
  return (
    <section className={styles.section}>
      {title !== undefined && (
        <h3>
          {title}
          {note !== undefined && <small>{note}</small>}
        </h3>
      )}
      {children}
    </section>
  )
}
