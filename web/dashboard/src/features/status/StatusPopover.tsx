import type { ReactNode } from 'react'
import type { Readable } from '../../stream/Cell'
import { IconButton } from '../../ui/Button'
import { Icon } from '../../ui/Icon'
import { useCell } from '../../ui/useCell'
import { ChannelTable, type ReadFeeds } from './ChannelTable'
import { CopyDiagnostics } from './CopyDiagnostics'
import { diagnostics, StatNames, statText } from './diagnostics'
import styles from './Status.module.css'
import { StatusMark } from './StatusMark'
import type { StatusStore } from './StatusStore'
import { type Fact, facts, pillWords } from './wording'

/** Everything there is to know of both connections, what they have counted, and a way to pass it on. */
export function StatusPopover({
  id,
  status,
  clock,
  feeds,
  onClose,
}: {
  id: string
  status: StatusStore
  clock: Readable<number>
  feeds: ReadFeeds
  onClose: () => void
}): ReactNode {
  const view = useCell(status)
  const now = useCell(clock)
  const { title } = pillWords(view, now)
  const { innerWidth, innerHeight } = window
  const text = (): string =>
    diagnostics(
      view,
      {
        now,
        address: location.href,
        browser: navigator.userAgent,
        size: `${innerWidth} × ${innerHeight}`,
      },
      feeds.read.get(),
      feeds.states.get(),
    )
  return (
    <div
      id={id}
      className={styles.popover}
      role="dialog"
      aria-label="Connection"
      data-testid="status-popover"
    >
      <div className={styles.heading} data-state={view.condition}>
        <StatusMark condition={view.condition} />
        <h2>{title}</h2>
        <IconButton label="Close" onClick={onClose}>
          <Icon name="close" size="small" />
        </IconButton>
      </div>
      <section className={styles.parts} tabIndex={-1}>
        {view.status?.message != null && <p className={styles.message}>{view.status.message}</p>}
        <Facts list={facts(view, now)} />
        <ChannelTable feeds={feeds} now={now} />
        <h3>This page’s client</h3>
        <Facts list={StatNames.map(name => [name, statText(name, view.stats)])} />
      </section>
      <CopyDiagnostics text={text} />
    </div>
  )
}

function Facts({ list }: { list: readonly Fact[] }): ReactNode {
  return (
    <dl className={styles.facts}>
      {list.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="data">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
