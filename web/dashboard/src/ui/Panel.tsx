import type { ReactNode } from 'react'
import { AsOf, type Currency } from './AsOf'
import { FeedTag, type MeasuredState, measuredWords } from './FeedTag'
import styles from './Panel.module.css'
import type { Source } from './useCell'

/** What stands in place of rows when there are none. */
export interface EmptyWords {
  readonly title: string
  readonly body: string
}

/** What the app knows that every panel says: how current the page is, and why there can be no rows at all. */
export interface Situation {
  readonly clock: Source<number>
  readonly currency: Currency
  /** Why there can be no rows, or null while they may still come. */
  readonly empty: EmptyWords | null
}

/** What is measured of the panel's feed. */
export interface FeedFacts {
  readonly measured: MeasuredState
  readonly reason: string | null
}

/** A pane beside the tape: its title bar and what is under it. */
export function Panel({
  name,
  heading,
  sub,
  isSubExtra = false,
  situation,
  feed,
  isFeedAlwaysShown = false,
  actions,
  children,
}: {
  /** What the pane is called, for those who hear the page, and for the tests. */
  name: string
  /** What stands for the name in the bar: tabs, for instance. */
  heading?: ReactNode
  sub?: ReactNode
  /** Whether a narrow bar does without it, and one that says how old everything is. */
  isSubExtra?: boolean
  situation: Situation
  feed?: FeedFacts
  /** Feeds that do what is expected of them say nothing of it, unless they are on trial. */
  isFeedAlwaysShown?: boolean
  actions?: ReactNode
  children: ReactNode
}): ReactNode {
  return (
    <section className={styles.panel} aria-label={name} data-panel={name}>
      <div className={styles.bar}>
        {heading ?? <h2>{name}</h2>}
        <AsOf currency={situation.currency} clock={situation.clock} />
        {feed !== undefined && (isFeedAlwaysShown || isWorthSaying(feed.measured)) && (
          <FeedTag measured={feed.measured} reason={feed.reason} />
        )}
        {sub !== undefined && !(isSubExtra && situation.currency.kind !== 'current') && (
          <span className={styles.sub} data-is-extra={isSubExtra || undefined}>
            {sub}
          </span>
        )}
        <span className={styles.grow} />
        {actions}
      </div>
      {children}
    </section>
  )
}

function isWorthSaying(measured: MeasuredState): boolean {
  return measured === 'silent' || measured === 'refused' || measured === 'fallback'
}

/** Words in place of rows. */
export function Empty({ words, children }: { words: EmptyWords; children?: ReactNode }): ReactNode {
  return (
    <div className={styles.empty} data-testid="panel-empty">
      <h3>{words.title}</h3>
      <p>{words.body}</p>
      {children}
    </div>
  )
}

const BoneWidths = [70, 90, 55, 80, 64, 74]

/** Lines to be, while the first ones are asked for. */
export function Bones(): ReactNode {
  return (
    <div className={styles.bones} aria-busy="true" data-testid="panel-skeleton">
      {BoneWidths.map(width => (
        <span key={width} style={{ width: `${width}%` }} />
      ))}
    </div>
  )
}

/**
 * What a panel without rows shows: bones while it asks, then why there is nothing. The server's refusal comes first,
 * then what the page knows of the connection, then what is measured of the feed.
 */
export function NoRows({
  isLoaded,
  refusal,
  situation,
  feed,
  words,
}: {
  isLoaded: boolean
  refusal: string | null
  situation: Situation
  feed: FeedFacts
  /** What is said of a feed that is well and has published nothing yet. */
  words: EmptyWords
}): ReactNode {
  if (refusal !== null)
    return <Empty words={{ title: 'The server does not give this channel', body: refusal }} />
  if (situation.empty !== null) return <Empty words={situation.empty} />
  if (!isLoaded) return <Bones />
  const why = measuredWords(feed)
  return <Empty words={why === null ? words : { title: words.title, body: why }} />
}
