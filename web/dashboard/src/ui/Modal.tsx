import { type ReactNode, useEffect, useRef } from 'react'
import styles from './Modal.module.css'

/** A dialog over everything. The browser keeps the focus in it and gives it back; Escape and a press beside it close it. */
export function Modal({
  name,
  onClose,
  children,
}: {
  name: string
  onClose: () => void
  children: ReactNode
}): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const { current } = dialog
    if (current !== null && !current.open) current.showModal()
    return () => current?.close()
  }, [])
  return (
    // A press on the backdrop is one on the dialog itself; its contents cover all else of it.
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it
    <dialog
      ref={dialog}
      className={styles.modal}
      aria-label={name}
      data-own-keys
      onCancel={event => {
        event.preventDefault()
        onClose()
      }}
      onClick={event => {
        if (event.target === event.currentTarget) onClose()
      }}
    >
      {children}
    </dialog>
  )
}
