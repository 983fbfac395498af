import { type ComponentProps, type ReactNode, useId } from 'react'
import styles from './Field.module.css'
import { Icon, type IconName } from './Icon'

/** A line to write in. What is wrong with it stands under it, with the sign for an error. */
export function Field({
  label,
  icon,
  fault = null,
  isData = false,
  trailing,
  ...rest
}: {
  /** Its name, for those who hear the page. */
  label: string
  icon?: IconName
  /** What is wrong, or null. */
  fault?: ReactNode
  /** Whether what is written is data: a ticker, an expression, a time. */
  isData?: boolean
  trailing?: ReactNode
} & Omit<ComponentProps<'input'>, 'className' | 'aria-label'>): ReactNode {
  const id = useId()
  return (
    <div>
      <div
        className={isData ? `${styles.field} ${styles.isData}` : styles.field}
        data-fault={fault !== null || undefined}
        data-disabled={rest.disabled || undefined}
      >
        {icon !== undefined && <Icon name={icon} size="small" />}
        <input
          spellCheck={false}
          autoComplete="off"
          {...rest}
          aria-label={label}
          aria-invalid={fault !== null}
          aria-describedby={fault === null ? undefined : id}
        />
        {trailing}
      </div>
      {fault !== null && (
        <p id={id} role="alert" className={styles.fault}>
          <Icon name="warn" size="small" />
          <span>{fault}</span>
        </p>
      )}
    </div>
  )
}
