import { type ReactNode, useEffect } from 'react'
import { type FeedStates, NotMeasured } from '../../stream/FeedStates'
import { NoRows, Panel, type Situation } from '../../ui/Panel'
import { TickerField } from '../../ui/TickerField'
import { useCell } from '../../ui/useCell'
import { sinceWords } from './MarketTidePane'
import type { NetFlow } from './NetFlow'
import { PremiumLines } from './PremiumLines'

/** The net premium of one ticker of the reader's choice. */
export function NetFlowPane({
  flow,
  feeds,
  situation,
  heading,
}: {
  flow: NetFlow
  feeds: FeedStates
  situation: Situation
  heading?: ReactNode
}): ReactNode {
  useEffect(() => flow.open(), [flow])
  const view = useCell(flow)
  const { ticker, session, steps } = view
  const feed = useCell(feeds).get(`net_flow:${ticker}`) ?? NotMeasured
  return (
    <Panel
      name="Net flow"
      heading={heading}
      situation={situation}
      feed={feed}
      isSubExtra
      sub={sinceWords(view.firstAt, session.from)}
      actions={
        <TickerField
          key={ticker}
          label="Ticker of the net flow"
          action="Show"
          icon="enter"
          placeholder="Ticker"
          current={ticker}
          onSubmit={text => flow.choose(text)}
        />
      }
    >
      {steps.length === 0 ? (
        <NoRows
          {...view}
          situation={situation}
          feed={feed}
          words={{
            title: `No net flow of ${ticker} yet`,
            body: 'The provider sends the net premium of a ticker whenever its options trade.',
          }}
        />
      ) : (
        <PremiumLines name={`Net premium of ${ticker}`} session={session} steps={steps} />
      )}
    </Panel>
  )
}
