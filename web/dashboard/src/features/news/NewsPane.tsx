import { memo, type ReactNode } from 'react'
import type { EventList, ItemRow } from '../../stream/EventList'
import { type FeedStates, NotMeasured } from '../../stream/FeedStates'
import { EventPanel, gapInList } from '../../ui/EventPanel'
import { dayText, marketDay, marketMinute, marketTimestamp } from '../../ui/marketTime'
import type { Situation } from '../../ui/Panel'
import { useCell, useDerived } from '../../ui/useCell'
import type { Headline, Sentiment } from './Headline'
import styles from './NewsPane.module.css'

const NoNews = { title: 'No headlines yet', body: 'One or two a minute are usual while the market is open.' }

const Signs: Record<Sentiment, string> = { positive: '▲', negative: '▼', neutral: '–' }

/** The newest headlines. */
export function NewsPane({
  news,
  feeds,
  ...pane
}: {
  news: EventList<Headline>
  feeds: FeedStates
  situation: Situation
  heading: ReactNode
}): ReactNode {
  const today = useDerived(pane.situation.clock, marketDay)
  return (
    <EventPanel
      {...pane}
      events={news}
      feed={useCell(feeds).get(news.channel) ?? NotMeasured}
      name="News"
      label="Headlines"
      words={NoNews}
      within={rows => <ol className={styles.list}>{rows}</ol>}
      gap={gapInList}
      row={(row: ItemRow<Headline>) => <HeadlineRow key={row.key} row={row} today={today} />}
    />
  )
}

const HeadlineRow = memo(function HeadlineRow({
  row,
  today,
}: {
  row: ItemRow<Headline>
  today: string
}): ReactNode {
  const { text, source, tickers, sentiment, isMajor, publishedAt } = row.item
  const time = publishedAt ?? row.receivedAt
  const day = marketDay(time)
  return (
    <li
      className={styles.row}
      data-testid="news-row"
      data-offset={row.offset}
      data-major={isMajor || undefined}
    >
      <time className={styles.time} dateTime={new Date(time).toISOString()} title={marketTimestamp(time)}>
        {day === today ? marketMinute(time) : dayText(day, today)}
      </time>
      {/* A foreign headline keeps its own direction, and cannot turn what stands around it. */}
      <bdi className={styles.text} title={source === null ? text : `${text}\n${source}`}>
        {isMajor && <b className={styles.major}>Major</b>}
        {text}
      </bdi>
      <span className={styles.tickers} title={tickers.length > 2 ? tickers.join(', ') : undefined}>
        {tickers.slice(0, 2).join(' ')}
        {tickers.length > 2 && ` +${tickers.length - 2}`}
      </span>
      <span className={styles.source}>
        {sentiment !== null && (
          <span className={styles.sentiment} data-sentiment={sentiment} title={`said to be ${sentiment}`}>
            <span aria-hidden="true">{Signs[sentiment]}</span>
            <span className="visually-hidden">{sentiment}, </span>
          </span>
        )}
        <bdi title={source ?? undefined}>{source}</bdi>
      </span>
    </li>
  )
})
