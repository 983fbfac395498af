import type { ReactNode } from 'react'
import { SeekButton } from '../features/keys/KeyDesk'
import { LookMenu } from '../features/look/LookMenu'
import { SoundMenu } from '../features/sound/SoundMenu'
import { StatusPill } from '../features/status/StatusPill'
import styles from './App.module.css'
import type { Desk } from './desk'

/** The frame's top: whose page this is, where one is, and what it is worth right now. */
export function Header({ desk }: { desk: Desk }): ReactNode {
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
      <SeekButton keys={desk.keys} />
      <span className={styles.grow} />
      <StatusPill status={desk.status} clock={desk.clock} feeds={{ read: desk.read, states: desk.feeds }} />
      <span className={styles.tools}>
        <SoundMenu sound={desk.sound} />
        <LookMenu look={desk.look} />
      </span>
    </header>
  )
}
