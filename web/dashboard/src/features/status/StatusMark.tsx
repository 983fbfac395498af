import type { ReactNode } from 'react'
import styles from './Status.module.css'
import type { Condition } from './StatusStore'

/** The marks differ in shape, so the state reads without colour. */
const Marks: Record<Condition, ReactNode> = {
  live: <circle cx="5" cy="5" r="4" fill="currentColor" />,
  demo: <path d="M5 .8 9.2 9H.8Z" fill="none" stroke="currentColor" strokeWidth="1.4" />,
  connecting: <path d="M1 5h.1M5 5h.1M9 5h-.1" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />,
  reconnecting: <path d="M5 1a4 4 0 1 1-4 4" fill="none" stroke="currentColor" strokeWidth="1.8" />,
  offline: <path d="M1.5 1.5h7v7h-7ZM1.5 8.5l7-7" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  not_entitled: <path d="M1.5 1.5l7 7M8.5 1.5l-7 7" fill="none" stroke="currentColor" strokeWidth="1.8" />,
  refused: <path d="M1.5 1.5l7 7M8.5 1.5l-7 7" fill="none" stroke="currentColor" strokeWidth="1.8" />,
  disabled: <circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" strokeWidth="1.5" />,
}

/** The shape that stands for a condition. */
export function StatusMark({ condition }: { condition: Condition }): ReactNode {
  return (
    <svg className={styles.mark} viewBox="0 0 10 10" aria-hidden="true">
      {Marks[condition]}
    </svg>
  )
}
