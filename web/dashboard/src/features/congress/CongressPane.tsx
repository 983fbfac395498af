import { memo, type ReactNode, useEffect } from 'react'
import type { EventList, ItemRow } from '../../stream/EventList'
import { type FeedStates, NotMeasured } from '../../stream/FeedStates'
import { Missing } from '../../ui/figures'
import { GapLine } from '../../ui/GapLine'
import { dayText, marketDay } from '../../ui/marketTime'
import { NoRows, Panel, type Situation } from '../../ui/Panel'
import { ScrollList, Waiting } from '../../ui/ScrollList'
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
  situation,
  heading,
  actions,
}: {
  filings: EventList<Filing>
  feeds: FeedStates
  situation: Situation
  heading: ReactNode
  actions: ReactNode
}): ReactNode {
  useEffect(() => filings.open(), [filings])
  const view = useCell(filings)
  const feed = useCell(feeds).get(filings.channel) ?? NotMeasured
  const today = useDerived(situation.clock, marketDay)
  return (
    <Panel
      name="Congress"
      heading={heading}
      situation={situation}
      feed={feed}
      isFeedAlwaysShown
      actions={
        <>
          <Waiting count={view.waiting} onShow={filings.reachTop} />
          {actions}
        </>
      }
    >
      {view.rows.length === 0 ? (
        <NoRows {...view} situation={situation} feed={feed} words={NoFilings} />
      ) : (
        <ScrollList
          label="Filings"
          isHeld={view.isHeld}
          onLeaveTop={filings.leaveTop}
          onReachTop={filings.reachTop}
        >
          <ol className={styles.list}>
            {view.rows.map(row =>
              row.kind === 'gap' ? (
                <li key={row.key} data-testid="panel-gap">
                  <GapLine gap={row} />
                </li>
              ) : (
                <FilingRow key={row.key} row={row} today={today} />
              ),
            )}
          </ol>
        </ScrollList>
      )}
    </Panel>
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
