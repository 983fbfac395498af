import { type ReactNode, useId } from 'react'
import { CongressPane } from '../features/congress/CongressPane'
import { HaltsPane } from '../features/halts/HaltsPane'
import { MoversPane } from '../features/movers/MoversPane'
import { NewsPane } from '../features/news/NewsPane'
import { DarkPoolPane } from '../features/prints/DarkPoolPane'
import { MarketTidePane } from '../features/tide/MarketTidePane'
import { NetFlowPane } from '../features/tide/NetFlowPane'
import type { Situation } from '../ui/Panel'
import { Tabs } from '../ui/Tabs'
import { useCell } from '../ui/useCell'
import styles from './App.module.css'
import type { Desk } from './desk'
import { type PanelKey, type SlotKey, Slots } from './panes'
import { TrialOffer, TrialSwitch } from './Trial'

/** A pane whose panels take turns; its title is their tabs. What is not shown is not read. */
export function SlotPane<S extends SlotKey>({
  slot,
  desk,
  situation,
}: {
  slot: S
  desk: Desk
  situation: Situation
}): ReactNode {
  const choice = desk.slots[slot]
  const selected: PanelKey = useCell(choice)
  const id = useId()
  const tabs: readonly { key: PanelKey<S>; label: string }[] = Slots[slot]
  const label = tabs.find(({ key }) => key === selected)?.label ?? ''
  const heading = (
    <h2>
      <Tabs
        label={`Panels: ${tabs.map(tab => tab.label).join(', ')}`}
        tabs={tabs}
        selected={selected as PanelKey<S>}
        onSelect={key => choice.set(key)}
        kind="heads"
        controls={id}
      />
    </h2>
  )
  return (
    <div id={id} role="tabpanel" aria-label={label} className={styles.slot}>
      <SlotPanel panel={selected} desk={desk} situation={situation} heading={heading} />
    </div>
  )
}

function SlotPanel({
  panel,
  desk,
  situation,
  heading,
}: {
  panel: PanelKey
  desk: Desk
  situation: Situation
  heading: ReactNode
}): ReactNode {
  const isTrialWanted = useCell(desk.wantsTrial)
  const props = { feeds: desk.feeds, situation, heading }
  switch (panel) {
    case 'dark-pool':
      return <DarkPoolPane prints={desk.prints} {...props} />
    case 'halts':
      return <HaltsPane halts={desk.halts} {...props} />
    case 'news':
      return <NewsPane news={desk.news} {...props} />
    case 'market-tide':
      return <MarketTidePane tide={desk.tide} {...props} />
    case 'net-flow':
      return <NetFlowPane flow={desk.netFlow} {...props} />
    case 'movers':
      if (!isTrialWanted) return <TrialOffer desk={desk} name="Movers" {...props} />
      return <MoversPane movers={desk.movers} {...props} actions={<TrialSwitch desk={desk} isInBar />} />
    case 'congress':
      if (!isTrialWanted) return <TrialOffer desk={desk} name="Congress" {...props} />
      return <CongressPane filings={desk.filings} {...props} actions={<TrialSwitch desk={desk} isInBar />} />
    default:
      return panel satisfies never
  }
}
