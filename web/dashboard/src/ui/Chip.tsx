import type { ComponentProps, ReactNode } from 'react'
import styles from './Chip.module.css'
import { Icon } from './Icon'

/** A choice that is on or off. On, it has a tick and, where it leaves something out, `not`: it reads without colour. */
export function Chip({
  isOn,
  excludes = false,
  children,
  ...rest
}: { isOn: boolean; excludes?: boolean } & Omit<
  ComponentProps<'button'>,
  'className' | 'aria-pressed'
>): ReactNode {
  return (
    <button type="button" {...rest} className={styles.chip} aria-pressed={isOn}>
      {isOn && !excludes && <Icon name="check" size="tiny" />}
      {excludes && <span className={styles.not}>not</span>}
      {children}
    </button>
  )
}
