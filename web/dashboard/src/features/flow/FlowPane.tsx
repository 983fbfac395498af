import { type ReactNode, useEffect, useRef } from 'react'
import type { Readable } from '../../stream/Cell'
import { AsOf, type Currency } from '../../ui/AsOf'
import { Button } from '../../ui/Button'
import { grouped } from '../../ui/figures'
import { Icon } from '../../ui/Icon'
import { marketClock } from '../../ui/marketTime'
import type { EmptyWords } from '../../ui/Panel'
import { useCell } from '../../ui/useCell'
import { useMediaQuery } from '../../ui/useMediaQuery'
import { Announcement } from './Announcement'
import styles from './FlowPane.module.css'
import type { FlowTape, TapeView } from './FlowTape'
import { NewRows } from './NewRows'
import { TapeHead, TapeRows } from './Tape'
import tapeStyles from './Tape.module.css'
import { TapeSkeleton } from './TapeSkeleton'

const FirstAlert: EmptyWords = {
  title: 'Waiting for the first alert',
  body: 'The tape is connected and empty. A row appears as soon as the provider publishes one.',
}

/** The live flow: title bar, notice, tape. */
export function FlowPane({
  tape,
  clock,
  currency,
  notice,
  empty,
  asked,
}: {
  tape: FlowTape
  clock: Readable<number>
  currency: Currency
  notice: ReactNode
  /** Why there can be no rows, or null while they may still come. */
  empty: EmptyWords | null
  /** How many rows were asked for at first. */
  asked: number
}): ReactNode {
  const view = useCell(tape)
  const isCards = useMediaQuery('(max-width: 640px)')
  const scroller = useRef<HTMLDivElement>(null)
  useTapeKeys(tape)
  const hasRows = view.rows.length > 0
  const words = empty ?? refusalWords(view)
  const isLoading = !hasRows && !view.isLoaded && words === null

  return (
    <section className={styles.pane} aria-label="Flow">
      <div className={styles.bar}>
        <h2>Flow</h2>
        <AsOf currency={currency} clock={clock} />
        {view.waiting.count > 0 ? (
          <NewRows waiting={view.waiting} onShow={() => tape.showNew()} />
        ) : (
          <span className={styles.sub}>
            {isLoading ? `asking for the last ${asked} rows` : heldWords(view)}
          </span>
        )}
        <span className={styles.grow} />
        <Button data-testid="pause" aria-pressed={view.pausedAt !== null} onClick={() => tape.togglePause()}>
          <Icon name={view.pausedAt === null ? 'pause' : 'play'} size="small" />
          {view.pausedAt === null ? 'Pause' : 'Resume'}
        </Button>
      </div>
      {notice}
      <div
        className={tapeStyles.tape}
        role="grid"
        aria-label="Flow tape"
        aria-rowcount={view.rows.length + 1}
      >
        {!isCards && <TapeHead />}
        {hasRows ? (
          <TapeRows view={view} tape={tape} clock={clock} isCards={isCards} scroller={scroller} />
        ) : isLoading ? (
          <TapeSkeleton isCards={isCards} />
        ) : (
          <Empty words={words ?? FirstAlert} />
        )}
      </div>
      <Announcement tape={tape} />
    </section>
  )
}

function Empty({ words }: { words: EmptyWords }): ReactNode {
  return (
    <div className={styles.empty} data-testid="empty">
      <h3>{words.title}</h3>
      <p>{words.body}</p>
    </div>
  )
}

function refusalWords({ refusal }: TapeView): EmptyWords | null {
  return refusal === null ? null : { title: 'The server does not give this channel', body: refusal }
}

function heldWords({ rows, pausedAt, isHeld }: TapeView): string {
  if (pausedAt !== null) return `paused at ${marketClock(pausedAt)}`
  if (rows.length === 0) return ''
  const count = rows.length === 1 ? '1 row' : `${grouped(rows.length)} rows`
  return isHeld ? `${count}, held while you read` : count
}

/** Space pauses and resumes, `n` shows the rows that wait: unless a control has focus, whose keys they then are. */
function useTapeKeys(tape: FlowTape): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.repeat) return
      const { target } = event
      if (
        target instanceof Element &&
        target.closest('button, a, input, select, textarea, [role=dialog], [data-own-keys]') !== null
      )
        return
      if (event.key === ' ') {
        event.preventDefault()
        tape.togglePause()
      } else if (event.key === 'n') tape.showNew()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [tape])
}
