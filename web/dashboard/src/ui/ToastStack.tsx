import type { ReactNode } from 'react'
import { Button, IconButton } from './Button'
import { Icon } from './Icon'
import styles from './ToastStack.module.css'
import type { Toast, Toasts } from './Toasts'
import { useCell } from './useCell'

/** The notices of the page, in its corner. */
export function ToastStack({ toasts }: { toasts: Toasts }): ReactNode {
  const shown = useCell(toasts)
  return (
    <div className={styles.stack} role="status" data-testid="toasts">
      {shown.map(toast => (
        <ToastView
          key={toast.id}
          toast={toast}
          onDismiss={() => toasts.dismiss(toast.id)}
          onHold={() => toasts.hold(toast.id)}
          onResume={() => toasts.resume(toast.id)}
        />
      ))}
    </div>
  )
}

/** One notice. */
export function ToastView({
  toast,
  onDismiss,
  onHold,
  onResume,
}: {
  toast: Toast
  onDismiss: () => void
  onHold: () => void
  onResume: () => void
}): ReactNode {
  const { kind, icon, title, body, action } = toast
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a notice that is looked at stays; nothing is pressed
    <div
      className={styles.toast}
      data-kind={kind}
      onMouseEnter={onHold}
      onMouseLeave={onResume}
      onFocus={onHold}
      onBlur={onResume}
    >
      <Icon name={icon} />
      <div>
        <strong>{title}</strong>
        {body !== null && <p>{body}</p>}
      </div>
      {action === null ? (
        <span />
      ) : (
        <Button
          kind="small"
          onClick={() => {
            action.run()
            onDismiss()
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton label="Take the notice away" onClick={onDismiss}>
        <Icon name="close" size="small" />
      </IconButton>
    </div>
  )
}
