import type { ReactNode } from 'react'
import { FeedTag, type MeasuredState } from '../ui/FeedTag'
import { Bones, Empty, Panel, type Situation } from '../ui/Panel'
import { Part } from './Design'
import styles from './Design.module.css'

const Noon = Date.UTC(2025, 4, 16, 18, 21, 2)
const clock = { get: () => Noon, subscribe: () => () => undefined }
const situation = (currency: Situation['currency']): Situation => ({ clock, currency, empty: null })
const States: readonly MeasuredState[] = ['verified', 'silent', 'refused', 'fallback', 'derived', 'unknown']

/** Panels and what stands in them when there are no rows. */
export function Panels(): ReactNode {
  return (
    <>
      <Part name="Feed state" words="What is measured of a feed. The marks differ in shape.">
        {States.map(measured => (
          <FeedTag key={measured} measured={measured} reason={null} />
        ))}
      </Part>
      <Part name="Panels" words="A title bar that says what the figures are worth.">
        <div className={styles.frame}>
          <Panel name="Loading" situation={situation({ kind: 'current' })}>
            <Bones />
          </Panel>
        </div>
        <div className={styles.frame}>
          <Panel
            name="Refused"
            situation={situation({ kind: 'late', since: Noon - 9_000 })}
            feed={{ measured: 'refused', reason: 'Not in the plan.' }}
          >
            <Empty
              words={{
                title: 'Your plan does not include this feed',
                body: 'The provider refused off_lit_trades at 14:02:11. Tidewire asks again at the next session.',
              }}
            />
          </Panel>
        </div>
        <div className={styles.frame}>
          <Panel name="Not current" situation={situation({ kind: 'stale', since: Noon - 134_000 })}>
            <Empty
              words={{
                title: 'No rows',
                body: 'What is shown is of the time in the title bar.',
              }}
            />
          </Panel>
        </div>
      </Part>
    </>
  )
}
