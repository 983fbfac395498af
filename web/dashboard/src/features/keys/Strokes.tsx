import type { ReactNode } from 'react'
import styles from './KeyDesk.module.css'

/** Keys as they are written on them: `Ctrl K`, `g` `g`. Of several that do the same, the first. */
export function Strokes({ keys }: { keys: readonly string[] }): ReactNode {
  const [first] = keys
  if (first === undefined) return <span />
  return (
    <span className={styles.strokes}>
      {parts(first).map((part, index) => (
        <kbd key={index}>{part}</kbd>
      ))}
    </span>
  )
}

function parts(keys: string): readonly string[] {
  if (keys.startsWith('Ctrl ')) return [`Ctrl ${keys.slice(5).toUpperCase()}`]
  return keys.split(' ')
}
