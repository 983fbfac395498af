import { type ReactNode, useId } from 'react'
import { CongressPane } from '../features/congress/CongressPane'
import { MoversPane } from '../features/movers/MoversPane'
import { NotMeasured } from '../stream/FeedStates'
import { FeedTag } from '../ui/FeedTag'
import { Empty, Panel, type Situation } from '../ui/Panel'
import { Switch } from '../ui/Switch'
import { Tabs } from '../ui/Tabs'
import { useCell } from '../ui/useCell'
import styles from './App.module.css'
import type { Desk } from './desk'
import { Trials } from './panes'

const Words = {
  title: 'Experimental feeds',
  body:
    'The provider is only presumed to have these feeds: they may be late, silent or refused. ' +
    'Until you switch them on, nothing is asked for.',
}

/** The feeds on trial: nothing is subscribed to before the reader has said so. */
export function TrialPane({ desk, situation }: { desk: Desk; situation: Situation }): ReactNode {
  const isWanted = useCell(desk.wantsTrial)
  const selected = useCell(desk.trial)
  const id = useId()
  if (!isWanted) return <TrialOffer desk={desk} situation={situation} />
  const props = {
    feeds: desk.feeds,
    situation,
    heading: (
      <h2>
        <Tabs
          label="Experimental feeds"
          tabs={Trials}
          selected={selected}
          onSelect={key => desk.trial.set(key)}
          kind="heads"
          controls={id}
        />
      </h2>
    ),
    actions: <TrialSwitch desk={desk} isInBar />,
  }
  return (
    <div
      id={id}
      role="tabpanel"
      aria-label={selected === 'movers' ? 'Movers' : 'Congress'}
      className={styles.slot}
    >
      {selected === 'movers' ? (
        <MoversPane movers={desk.movers} {...props} />
      ) : (
        <CongressPane filings={desk.filings} {...props} />
      )}
    </div>
  )
}

function TrialOffer({ desk, situation }: { desk: Desk; situation: Situation }): ReactNode {
  const states = useCell(desk.feeds)
  return (
    <Panel name="Experimental feeds" heading={<h2>Movers, Congress</h2>} situation={situation}>
      <Empty words={Words}>
        <TrialSwitch desk={desk} />
        <dl className={styles.measured}>
          {[desk.movers.channel, desk.filings.channel].map(channel => (
            <div key={channel}>
              <dt className="data">{channel}</dt>
              <dd>
                <FeedTag {...(states.get(channel) ?? NotMeasured)} />
              </dd>
            </div>
          ))}
        </dl>
      </Empty>
    </Panel>
  )
}

function TrialSwitch({ desk, isInBar = false }: { desk: Desk; isInBar?: boolean }): ReactNode {
  const isOn = useCell(desk.wantsTrial)
  return (
    <Switch
      label={isInBar ? 'Experimental' : 'Show experimental feeds'}
      title={isOn ? 'Experimental feeds are on. Switch them off' : 'Switch the experimental feeds on'}
      isOn={isOn}
      isInBar={isInBar}
      onChange={wanted => desk.wantsTrial.set(wanted)}
    />
  )
}
