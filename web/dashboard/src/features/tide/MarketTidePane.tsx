import type { ReactNode } from 'react'
import { type FeedStates, NotMeasured } from '../../stream/FeedStates'
import { marketMinute } from '../../ui/marketTime'
import { NoRows, Panel, type Situation } from '../../ui/Panel'
import { useCell } from '../../ui/useCell'
import { PremiumLegend, PremiumLines } from './PremiumLines'
import { type SessionTide, TideChannel } from './SessionTide'

const NoTide = {
  title: 'No market tide yet',
  body: 'The provider sends the net premium of the whole market about every two seconds while it trades.',
}

/** The net premium of the whole market since the session began, or since this page has it. */
export function MarketTidePane({
  tide,
  feeds,
  situation,
  heading,
}: {
  tide: SessionTide
  feeds: FeedStates
  situation: Situation
  heading?: ReactNode
}): ReactNode {
  const view = useCell(tide)
  const feed = useCell(feeds).get(TideChannel) ?? NotMeasured
  const { session, steps } = view
  return (
    <Panel
      name="Market tide"
      heading={heading}
      situation={situation}
      feed={feed}
      isSubExtra
      sub={sinceWords(view.firstAt, session.from)}
      actions={steps.length > 0 && <PremiumLegend />}
    >
      {steps.length === 0 ? (
        <NoRows {...view} situation={situation} feed={feed} words={NoTide} />
      ) : (
        <PremiumLines name="Net premium of the market" session={session} steps={steps} />
      )}
    </Panel>
  )
}

/** From when on the totals count, where that is not the session's beginning. */
export function sinceWords(firstAt: number | null, from: number): ReactNode {
  if (firstAt === null || firstAt - from < 300_000) return undefined
  return (
    <span title="What was before is not on this page. The totals count from here.">
      since <span className="data">{marketMinute(firstAt)}</span>
    </span>
  )
}
