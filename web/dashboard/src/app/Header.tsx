import type { ReactNode } from 'react'
import { StatusPill } from '../features/status/StatusPill'
import { IconButton } from '../ui/Button'
import { Icon } from '../ui/Icon'
import { useCell } from '../ui/useCell'
import styles from './App.module.css'
import type { Desk } from './desk'

/** The frame's top: whose page this is, where one is, and what it is worth right now. */
export function Header({ desk }: { desk: Desk }): ReactNode {
  const theme = useCell(desk.theme)
  return (
    <header className={styles.header}>
      <h1 className={styles.brand}>
        <a href="/">
          <svg viewBox="0 0 22 16" aria-hidden="true">
            <path d="M1 8h4.2C7.6 8 7.4 2.6 9.6 2.6S12 13.4 14.2 13.4 15 8 17 8h4" />
          </svg>
          Tidewire
        </a>
      </h1>
      <nav className={styles.nav} aria-label="Pages">
        <a href="/dashboard" aria-current="page">
          Desk
        </a>
      </nav>
      <span className={styles.grow} />
      <StatusPill status={desk.status} clock={desk.clock} feeds={{ read: desk.read, states: desk.feeds }} />
      <IconButton
        label={theme === 'dark' ? 'Switch to the light theme' : 'Switch to the dark theme'}
        onClick={() => desk.theme.toggle()}
      >
        <Icon name="theme" />
      </IconButton>
    </header>
  )
}
