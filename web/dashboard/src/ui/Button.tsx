import type { ComponentProps, ReactNode } from 'react'
import styles from './Button.module.css'

/** A button with a border and a word. Chrome has no colour, so kinds differ in size and brightness only. */
export function Button({
  kind = 'normal',
  ...rest
}: { kind?: 'normal' | 'small' | 'solid' | 'quiet' | 'danger' } & Omit<
  ComponentProps<'button'>,
  'className'
>): ReactNode {
  return <button type="button" {...rest} className={`${styles.button} ${styles[kind]}`} />
}

/** A button that is only an icon. Its name is required. */
export function IconButton({
  label,
  ...rest
}: { label: string } & Omit<ComponentProps<'button'>, 'className' | 'aria-label'>): ReactNode {
  return <button type="button" {...rest} aria-label={label} title={label} className={styles.iconButton} />
}
