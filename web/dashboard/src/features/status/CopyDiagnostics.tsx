import { type ReactNode, useState } from 'react'
import { Button } from '../../ui/Button'
import styles from './Status.module.css'

/** Copies a text that is made when it is asked for; where the browser forbids that, shows it to be copied by hand. */
export function CopyDiagnostics({ text }: { text: () => string }): ReactNode {
  const [shown, setShown] = useState<{ isCopied: boolean; text: string } | null>(null)
  const copy = async (): Promise<void> => {
    const made = text()
    try {
      await navigator.clipboard.writeText(made)
      setShown({ isCopied: true, text: made })
    } catch {
      setShown({ isCopied: false, text: made })
    }
  }
  return (
    <div className={styles.copy}>
      <Button kind="small" data-testid="copy-diagnostics" onClick={() => void copy()}>
        Copy diagnostics
      </Button>
      <span role="status">{shown === null ? '' : shown.isCopied ? 'Copied.' : 'Copy this by hand:'}</span>
      {shown?.isCopied === false && (
        <textarea
          readOnly
          rows={6}
          aria-label="Diagnostics"
          value={shown.text}
          onFocus={event => event.target.select()}
        />
      )}
    </div>
  )
}
