import { memo, type ReactNode } from 'react'
import type { EventList, ItemRow } from '../../stream/EventList'
import { type FeedStates, NotMeasured } from '../../stream/FeedStates'
import { EventPanel, gapInList } from '../../ui/EventPanel'
import { Missing } from '../../ui/figures'
import { dayText, marketDay } from '../../ui/marketTime'
import type { Situation } from '../../ui/Panel'
import { useCell, useDerived } from '../../ui/useCell'
import styles from './CongressPane.module.css'
import type { Filing } from './Filing'

const NoFilings = {
  title: 'No filings yet',
  body: 'Members of Congress file their trades days or weeks after them. The server asks for new ones over REST.',
}

/** What members of Congress have filed, newest filed first. On trial: the feed's name is only presumed. */
export function CongressPane({
  filings,
  feeds,
  ...pane
}: {
  filings: EventList<Filing>
  feeds: FeedStates
  situation: Situation
  heading: ReactNode
  actions: ReactNode
}): ReactNode {
  const today = useDerived(pane.situation.clock, marketDay)
  return (
    <EventPanel
      {...pane}
      events={filings}
      feed={useCell(feeds).get(filings.channel) ?? NotMeasured}
      name="Congress"
      label="Filings"
      words={NoFilings}
      sub={() => undefined}
      isFeedAlwaysShown
      within={rows => <ol className={styles.list}>{rows}</ol>}
      gap={gapInList}
      row={(row: ItemRow<Filing>) => <FilingRow key={row.key} row={row} today={today} />}
    />
  )
}

const Signs = { buy: '▲', sell: '▼' } as const

const FilingRow = memo(function FilingRow({
  row,
  today,
}: {
  row: ItemRow<Filing>
  today: string
}): ReactNode {
  const { name, chamber, ticker, type, way, amounts, tradedOn, filedOn, reporter, issuer } = row.item
  const who = [chamber, reporter === null ? null : `filed by ${reporter}`, issuer].filter(
    part => part !== null,
  )
  return (
    <li
      className={styles.row}
      data-testid="filing-row"
      data-offset={row.offset}
      title={[name, ...who].join(', ')}
    >
      <span className={styles.filed} title="Filed on">
        {filedOn === null ? Missing : dayText(filedOn, today)}
      </span>
      <bdi className={styles.name}>{name}</bdi>
      <span className={styles.ticker}>{ticker ?? Missing}</span>
      <bdi className={styles.type} data-way={way ?? undefined}>
        {way !== null && <span aria-hidden="true">{Signs[way]} </span>}
        {type ?? Missing}
      </bdi>
      <span className={styles.amounts}>{amounts ?? Missing}</span>
      <bdi className={styles.details}>
        {[chamber, tradedOn === null ? null : `traded ${dayText(tradedOn, today)}`]
          .filter(part => part !== null)
          .join(', ')}
        {who.length > 1 && <span className={styles.more}>, {who.slice(1).join(', ')}</span>}
      </bdi>
    </li>
  )
})
