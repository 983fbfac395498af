import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { IconButton } from './Button'
import { Icon, type IconName } from './Icon'
import styles from './TickerField.module.css'

/**
 * A field for a ticker. What cannot be taken stays in it, with the reason under it. With `current` it shows the ticker
 * that is chosen, and does so again when it is left without a new one.
 */
export function TickerField({
  label,
  action,
  icon,
  placeholder,
  current = '',
  onSubmit,
}: {
  label: string
  /** What its button does, in words. */
  action: string
  icon: IconName
  placeholder: string
  current?: string
  /** Takes the text, or answers why not. */
  onSubmit: (text: string) => string | null
}): ReactNode {
  const [text, setText] = useState(current)
  const [fault, setFault] = useState<string | null>(null)
  const id = useId()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const refusal = onSubmit(text)
    setFault(refusal)
    if (refusal === null) setText(current === '' ? '' : text.trim().toUpperCase())
  }
  const restore = (): void => {
    if (current === '' && text.trim() !== '') return
    setText(current)
    setFault(null)
  }
  return (
    <form
      className={styles.form}
      onSubmit={submit}
      noValidate
      onBlur={event => {
        if (!event.currentTarget.contains(event.relatedTarget)) restore()
      }}
    >
      <div className={styles.field} data-fault={fault !== null || undefined}>
        <input
          type="text"
          aria-label={label}
          aria-invalid={fault !== null}
          aria-describedby={fault === null ? undefined : id}
          placeholder={placeholder}
          value={text}
          maxLength={32}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          enterKeyHint="go"
          onFocus={event => event.target.select()}
          onKeyDown={event => {
            if (event.key === 'Escape') restore()
          }}
          onChange={event => {
            setText(event.target.value)
            setFault(null)
          }}
        />
        <IconButton type="submit" label={action}>
          <Icon name={icon} size="small" />
        </IconButton>
      </div>
      {fault !== null && (
        <p id={id} role="alert" className={styles.fault}>
          <Icon name="warn" size="tiny" />
          {fault}
        </p>
      )}
    </form>
  )
}
