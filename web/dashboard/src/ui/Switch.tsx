import type { ReactNode } from 'react'
import styles from './Switch.module.css'

/** On or off, with its word beside it; in a bar, only where there is room for it. */
export function Switch({
  label,
  title,
  isOn,
  isInBar = false,
  onChange,
}: {
  label: string
  title: string
  isOn: boolean
  isInBar?: boolean
  onChange: (isOn: boolean) => void
}): ReactNode {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOn}
      className={isInBar ? `${styles.switch} ${styles.bar}` : styles.switch}
      title={title}
      onClick={() => onChange(!isOn)}
    >
      <span className={styles.knob} />
      <span className={styles.label}>{label}</span>
    </button>
  )
}
