import { type ReactNode, useEffect, useId, useMemo } from 'react'
import { FlowPane } from '../features/flow/FlowPane'
import { GammaPane } from '../features/gamma/GammaPane'
import { KeyDesk } from '../features/keys/KeyDesk'
import { PricePane } from '../features/prices/PricePane'
import { WatchListPane } from '../features/prices/WatchListPane'
import { StatusNotice } from '../features/status/StatusNotice'
import type { Condition, StatusView } from '../features/status/StatusStore'
import { emptyWords } from '../features/status/wording'
import { TideLine } from '../features/tide/TideLine'
import type { Currency } from '../ui/AsOf'
import type { Situation } from '../ui/Panel'
import { Tabs } from '../ui/Tabs'
import { ToastStack } from '../ui/ToastStack'
import { useCell, useDerived } from '../ui/useCell'
import { useMediaQuery } from '../ui/useMediaQuery'
import styles from './App.module.css'
import { knownTickers, tickerCommandsOf } from './commands'
import { AskedRows, type Desk } from './desk'
import { Header } from './Header'
import { type PaneKey, Panes } from './panes'
import { SlotPane } from './SlotPane'

/** The page. It puts the features side by side and tells one what another knows. */
export function App({ desk }: { desk: Desk }): ReactNode {
  const situation = useSituation(desk)
  const tickerCommands = useMemo(() => tickerCommandsOf(desk), [desk])
  const { kind } = situation.currency
  useEffect(() => {
    document.documentElement.classList.toggle('stale', kind === 'stale')
  }, [kind])
  const isPhone = useMediaQuery('(max-width: 640px)')
  const isNarrow = useMediaQuery('(max-width: 1023px)')
  return (
    <>
      <Header desk={desk} />
      <Tide desk={desk} currency={situation.currency} />
      {isPhone ? (
        <PhoneDesk desk={desk} situation={situation} />
      ) : isNarrow ? (
        <NarrowDesk desk={desk} situation={situation} />
      ) : (
        <WideDesk desk={desk} situation={situation} />
      )}
      <KeyDesk keys={desk.keys} tickers={() => knownTickers(desk)} tickerCommands={tickerCommands} />
      <ToastStack toasts={desk.toasts} />
    </>
  )
}

/** The tide line with what the page knows of where it stands: paused, cut off, simulated. */
function Tide({ desk, currency }: { desk: Desk; currency: Currency }): ReactNode {
  const readAt = useDerived(desk.tape, ({ pausedAt }) => pausedAt)
  const isSimulated = useDerived(desk.status, ({ condition }) => condition === 'demo')
  const position = useMemo(() => ({ currency, readAt, isSimulated }), [currency, readAt, isSimulated])
  return <TideLine tide={desk.tide} clock={desk.clock} position={position} />
}

interface DeskProps {
  readonly desk: Desk
  readonly situation: Situation
}

/** The tape with three panes under it and two beside it. */
function WideDesk({ desk, situation }: DeskProps): ReactNode {
  const panes = { desk, situation }
  return (
    <main className={`${styles.main} ${styles.wide}`}>
      <Pane name="flow" {...panes} />
      <div className={styles.under}>
        <Pane name="prints" {...panes} />
        <Pane name="news" {...panes} />
        <Pane name="tide" {...panes} />
      </div>
      <aside className={styles.rail} aria-label="Market">
        <Pane name="prices" {...panes} />
        <Pane name="gamma" {...panes} />
      </aside>
    </main>
  )
}

const UnderTabs = Panes.filter(({ key }) => key !== 'flow')

/** The tape, and under it the pane the reader chooses. What is not shown is not read. */
function NarrowDesk({ desk, situation }: DeskProps): ReactNode {
  const chosen = useCell(desk.shown)
  const shown = chosen === 'flow' ? 'prices' : chosen
  const id = useId()
  return (
    <main className={`${styles.main} ${styles.narrow}`}>
      <Pane name="flow" desk={desk} situation={situation} />
      <div className={styles.deck}>
        <Tabs
          label="Panels"
          tabs={UnderTabs.map(({ key, label }) => ({ key, label }))}
          selected={shown}
          onSelect={key => desk.shown.set(key)}
          kind="strip"
          controls={id}
        />
        <div id={id} role="tabpanel" aria-label="Chosen panel" className={styles.slot}>
          <Pane name={shown} desk={desk} situation={situation} />
        </div>
      </div>
    </main>
  )
}

/** One pane at a time, and the way to the others under the thumb. */
function PhoneDesk({ desk, situation }: DeskProps): ReactNode {
  const shown = useCell(desk.shown)
  const id = useId()
  return (
    <>
      <main className={`${styles.main} ${styles.phone}`}>
        {shown !== 'flow' && <Notice desk={desk} />}
        <div id={id} role="tabpanel" aria-label="Chosen panel" className={styles.slot}>
          <Pane name={shown} desk={desk} situation={situation} />
        </div>
      </main>
      <nav aria-label="Panels">
        <Tabs
          label="Panels"
          tabs={Panes}
          selected={shown}
          onSelect={key => desk.shown.set(key)}
          kind="dock"
          controls={id}
        />
      </nav>
    </>
  )
}

function Pane({ name, desk, situation }: { name: PaneKey } & DeskProps): ReactNode {
  const { feeds } = desk
  switch (name) {
    case 'flow':
      return (
        <FlowPane
          tape={desk.tape}
          clock={desk.clock}
          currency={situation.currency}
          empty={situation.empty}
          asked={AskedRows}
          notice={<Notice desk={desk} />}
        />
      )
    case 'prices':
      return (
        <div className={styles.prices}>
          <WatchListPane list={desk.watchList} feeds={feeds} situation={situation} />
          <PricePane list={desk.watchList} feeds={feeds} situation={situation} />
        </div>
      )
    case 'gamma':
      return <GammaPane board={desk.gamma} feeds={feeds} situation={situation} />
    case 'prints':
    case 'news':
    case 'tide':
      return <SlotPane slot={name} desk={desk} situation={situation} />
    default:
      return name satisfies never
  }
}

function Notice({ desk }: { desk: Desk }): ReactNode {
  return <StatusNotice status={desk.status} onRetry={() => desk.link.retryNow()} />
}

/** What the status says to the panes. The same object as long as it says the same: the status is asked each second. */
function useSituation({ status, clock }: Desk): Situation {
  const view = useCell(status)
  const { condition } = view
  const since = Kinds[condition] === undefined ? null : view.since
  return useMemo(
    () => ({ clock, currency: currencyOf(condition, since), empty: emptyWords(condition) }),
    [clock, condition, since],
  )
}

const Kinds: Partial<Record<Condition, 'late' | 'stale'>> = { reconnecting: 'late', offline: 'stale' }

function currencyOf(condition: Condition, since: StatusView['since']): Currency {
  const kind = Kinds[condition]
  return kind === undefined ? { kind: 'current' } : { kind, since }
}
