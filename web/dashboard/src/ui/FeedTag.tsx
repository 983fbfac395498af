import type { ReactNode } from 'react'
import styles from './FeedTag.module.css'

/** What a server measures of a feed. */
export type MeasuredState = 'verified' | 'silent' | 'refused' | 'fallback' | 'derived' | 'unknown'

/** The marks differ in shape, so the state reads without colour. */
const Marks: Record<MeasuredState, ReactNode> = {
  verified: <circle cx="5" cy="5" r="4" fill="currentColor" />,
  silent: <circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  refused: <path d="M1.5 1.5l7 7M8.5 1.5l-7 7" fill="none" stroke="currentColor" strokeWidth="1.8" />,
  fallback: (
    <>
      <circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M5 1.5a3.5 3.5 0 0 1 0 7Z" fill="currentColor" />
    </>
  ),
  derived: <path d="M5 .8 9.2 9H.8Z" fill="none" stroke="currentColor" strokeWidth="1.4" />,
  unknown: <path d="M1 5h.1M5 5h.1M9 5h-.1" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />,
}

const Sentences: Record<MeasuredState, string> = {
  verified: 'Data has arrived on this feed.',
  silent: 'The provider was asked for this feed and sends nothing.',
  refused: 'The provider refuses this feed.',
  fallback: 'This feed is asked for over REST, not received over the socket: it may be late.',
  derived: 'The server makes this feed out of others.',
  unknown: 'Nothing has been measured of this feed yet.',
}

/** What is measured of a feed, in a word with its mark; its title says it in full. */
export function FeedTag({ measured, reason }: { measured: MeasuredState; reason: string | null }): ReactNode {
  const title = reason === null ? Sentences[measured] : `${Sentences[measured]} ${reason}`
  return (
    <span className={styles.tag} data-testid="feed-tag" data-measured={measured} title={title}>
      <svg className={styles.mark} viewBox="0 0 10 10" aria-hidden="true">
        {Marks[measured]}
      </svg>
      {measured}
      <span className="visually-hidden">: {title}</span>
    </span>
  )
}

/** Why a feed has no rows, where what is measured says why; else null. */
export function measuredWords({
  measured,
  reason,
}: {
  measured: MeasuredState
  reason: string | null
}): string | null {
  if (measured === 'silent' || measured === 'refused') return reason ?? Sentences[measured]
  return reason
}
