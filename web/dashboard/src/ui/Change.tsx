import type { ReactNode } from 'react'
import styles from './Change.module.css'
import { Missing } from './figures'

/** A change with its triangle and its hue: sign and shape say it without colour. */
export function Change({
  value,
  text,
}: {
  value: number | null
  text: (value: number) => string
}): ReactNode {
  if (value === null) return <span className={styles.none}>{Missing}</span>
  const way = value > 0 ? 'up' : value < 0 ? 'down' : undefined
  return (
    <span className={styles.change} data-way={way}>
      {text(value)}
    </span>
  )
}
