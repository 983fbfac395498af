import type { ReactNode } from 'react'
import { NotMeasured } from '../stream/FeedStates'
import { FeedTag } from '../ui/FeedTag'
import { Empty, Panel, type Situation } from '../ui/Panel'
import { Switch } from '../ui/Switch'
import { useCell } from '../ui/useCell'
import styles from './App.module.css'
import type { Desk } from './desk'

const Words = {
  title: 'Experimental feeds',
  body:
    'The provider is only presumed to have these feeds: they may be late, silent or refused. ' +
    'Until you switch them on, nothing is asked for.',
}

/** In place of a feed on trial, before the reader has said that it is wanted: nothing is subscribed to. */
export function TrialOffer({
  desk,
  name,
  situation,
  heading,
}: {
  desk: Desk
  name: string
  situation: Situation
  heading: ReactNode
}): ReactNode {
  const states = useCell(desk.feeds)
  return (
    <Panel name={name} heading={heading} situation={situation}>
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

/** Whether the feeds on trial are wanted. */
export function TrialSwitch({ desk, isInBar = false }: { desk: Desk; isInBar?: boolean }): ReactNode {
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
