import type { ReactNode } from 'react'
import { Button } from '../../ui/Button'
import { Icon } from '../../ui/Icon'
import { useCell } from '../../ui/useCell'
import styles from './Status.module.css'
import type { StatusStore } from './StatusStore'
import { noticeWords } from './wording'

/** What is the matter, since when and what happens next. It pushes the tape down once and covers nothing. */
export function StatusNotice({ status, onRetry }: { status: StatusStore; onRetry: () => void }): ReactNode {
  const words = noticeWords(useCell(status))
  if (words === null) return null
  return (
    <div className={styles.notice} data-tone={words.tone} role="status" data-testid="notice">
      <Icon name={words.icon} />
      <p>
        {words.subject} <span>{words.body}</span>
        {words.code !== null && (
          <>
            {' '}
            <code>{words.code}</code>
          </>
        )}
      </p>
      {words.canRetry && (
        <Button kind="small" onClick={onRetry}>
          Try now
        </Button>
      )}
    </div>
  )
}
