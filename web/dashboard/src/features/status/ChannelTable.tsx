import type { ReactNode } from 'react'
import type { Readable } from '../../stream/Cell'
import { type ChannelStates, NotMeasured } from '../../stream/FeedStates'
import { duration, Missing } from '../../ui/figures'
import { useCell } from '../../ui/useCell'
import styles from './Status.module.css'

/** What this page reads, and what the server has measured of each. */
export interface ReadFeeds {
  /** The names of the channels that this page reads. */
  readonly read: Readable<readonly string[]>
  readonly states: Readable<ChannelStates>
}

/** Each channel that this page reads: what is measured of it and how old its newest entry is. */
export function ChannelTable({ feeds, now }: { feeds: ReadFeeds; now: number }): ReactNode {
  const names = useCell(feeds.read)
  const states = useCell(feeds.states)
  return (
    <table className={styles.channels}>
      <thead>
        <tr>
          <th scope="col">Channel</th>
          <th scope="col">State</th>
          <th scope="col">Last</th>
        </tr>
      </thead>
      <tbody>
        {names.map(name => {
          const { measured, reason, lastAt } = states.get(name) ?? NotMeasured
          return (
            <tr key={name} data-measured={measured} title={reason ?? undefined}>
              <th scope="row">{name}</th>
              <td>{measured}</td>
              <td className="data">{lastAt === null ? Missing : duration(Math.max(0, now - lastAt))}</td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

/** How many of the channels that this page reads bring nothing, and of how many. */
export function silentOf(names: readonly string[], states: ChannelStates): { silent: number; of: number } {
  const silent = names.filter(name => /^(silent|refused)$/.test(states.get(name)?.measured ?? ''))
  return { silent: silent.length, of: names.length }
}
