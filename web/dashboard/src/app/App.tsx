import { type ReactNode, useEffect } from 'react'
import { type Currency, FlowPane } from '../features/flow/FlowPane'
import { StatusNotice } from '../features/status/StatusNotice'
import type { Condition, StatusView } from '../features/status/StatusStore'
import { emptyWords } from '../features/status/wording'
import { useCell } from '../ui/useCell'
import styles from './App.module.css'
import { AskedRows, type Desk } from './desk'
import { Header } from './Header'

/** The page. It puts the features side by side and tells one what another knows. */
export function App({ desk }: { desk: Desk }): ReactNode {
  const view = useCell(desk.status)
  const currency = currencyOf(view)
  useEffect(() => {
    document.documentElement.classList.toggle('stale', currency.kind === 'stale')
  }, [currency.kind])
  return (
    <>
      <Header desk={desk} />
      <main className={styles.main}>
        <FlowPane
          tape={desk.tape}
          clock={desk.clock}
          currency={currency}
          empty={emptyWords(view)}
          asked={AskedRows}
          notice={<StatusNotice status={desk.status} onRetry={() => desk.stream.retryNow()} />}
        />
      </main>
    </>
  )
}

const Kinds: Partial<Record<Condition, 'late' | 'stale'>> = { reconnecting: 'late', offline: 'stale' }

function currencyOf({ condition, since }: StatusView): Currency {
  const kind = Kinds[condition]
  return kind === undefined ? { kind: 'current' } : { kind, since }
}
