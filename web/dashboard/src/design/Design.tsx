import { type ReactNode, useState } from 'react'
import type { LookChoice } from '../features/look/Look'
import { LookMenu } from '../features/look/LookMenu'
import { Button, IconButton } from '../ui/Button'
import { Change } from '../ui/Change'
import { Chip } from '../ui/Chip'
import { Field } from '../ui/Field'
import { money, percentChange, signedMoney } from '../ui/figures'
import { GapLine } from '../ui/GapLine'
import { Icon, IconNames } from '../ui/Icon'
import { fillAt, NbboGauge } from '../ui/NbboGauge'
import { Segmented } from '../ui/Segmented'
import { Switch } from '../ui/Switch'
import { Tabs } from '../ui/Tabs'
import { TickerField } from '../ui/TickerField'
import { ToastStack } from '../ui/ToastStack'
import { Toasts } from '../ui/Toasts'
import styles from './Design.module.css'
import { Overlays } from './Overlays'
import { Panels } from './Panels'

const Inks = [
  'ground',
  'surface',
  'raised',
  'overlay',
  'hover',
  'select',
  'line',
  'line-strong',
  'line-control',
  'text',
  'text-2',
  'text-3',
  'stale',
  'brass',
  'brass-ground',
  'ok',
  'bad',
  'bad-ground',
  'up',
  'up-fill',
  'up-wash',
  'down',
  'down-fill',
  'down-wash',
]
const toasts = new Toasts()

/** Every component in every state, for whoever works on them. Served in development only. */
export function Design({ look }: { look: LookChoice }): ReactNode {
  return (
    <main className={styles.page}>
      <header>
        <h1>Tidewire components</h1>
        <LookMenu look={look} />
      </header>
      <Part name="Colour" words="The chrome has none. Hue belongs to the market, brass to what wants you.">
        {Inks.map(name => (
          <span key={name} className={styles.swatch}>
            <i style={{ background: `var(--${name})` }} />
            <small className="data">{name}</small>
          </span>
        ))}
      </Part>
      <Part name="Type" words="Inter for words, JetBrains Mono for whatever came from a market.">
        <span className={`data ${styles.figure}`}>$12.3M</span>
        <span>The server does not answer.</span>
        <span className="data">NVDA 150 C Sep 19 11.15</span>
      </Part>
      <Part name="Figures" words="Sign always, U+2212 for minus, a triangle beside a change.">
        {[0.01, 161, 2_400, 265_000, 1_200_000, 12_300_000, -3_970_000_000].map(value => (
          <span key={value} className="data">
            {money(value)}
          </span>
        ))}
        <span className="data">{signedMoney(6_930_000_000)}</span>
        {[1.28, -0.41, 0, null].map(value => (
          <span key={value} className="data">
            <Change value={value} text={percentChange} />
          </span>
        ))}
        {[0.9, 1, 1.5, 2, 2.3].map(price => (
          <span key={price} className={`data ${styles.of}`}>
            <NbboGauge fill={fillAt(price, 1, 2)} />
          </span>
        ))}
      </Part>
      <Controls />
      <Overlays toasts={toasts} />
      <Panels />
      <Part name="Gap" words="A thin line where something is missing.">
        <div className={`${styles.frame} ${styles.wide}`}>
          <GapLine
            gap={{ from: 1e12, to: 1e12 + 5_000, count: 6, reason: 'upstream_down', backfilled: true }}
          />
          <GapLine
            gap={{ from: 1e12, to: 1e12 + 288_000, count: 140, reason: 'dropped_by_us', backfilled: false }}
          />
        </div>
      </Part>
      <Part name="Icons" words="16 px grid, 1.4 px stroke, round ends.">
        {IconNames.map(name => (
          <span key={name} title={name}>
            <Icon name={name} />
          </span>
        ))}
      </Part>
      <ToastStack toasts={toasts} />
    </main>
  )
}

function Controls(): ReactNode {
  const [weight, setWeight] = useState('oi')
  const [tab, setTab] = useState('a')
  const [isOn, setIsOn] = useState(true)
  return (
    <>
      <Part name="Buttons" words="Kinds differ in brightness and size, never in hue.">
        {(['normal', 'small', 'solid', 'quiet', 'danger'] as const).map(kind => (
          <State key={kind} name={kind}>
            <Button kind={kind}>
              <Icon name="pause" size="small" /> Pause
            </Button>
          </State>
        ))}
        <State name="disabled">
          <Button disabled>Pause</Button>
        </State>
        <State name="icon">
          <IconButton label="Columns">
            <Icon name="columns" />
          </IconButton>
        </State>
        <State name="pressed">
          <IconButton label="Columns, pressed" aria-pressed>
            <Icon name="columns" />
          </IconButton>
        </State>
        <State name="icon, disabled">
          <IconButton label="Columns, disabled" disabled>
            <Icon name="columns" />
          </IconButton>
        </State>
      </Part>
      <Part name="Chips, segments, switches, tabs">
        <State name="off">
          <Chip isOn={false}>Sweeps</Chip>
        </State>
        <State name="on">
          <Chip isOn>Sweeps</Chip>
        </State>
        <State name="leaves out">
          <Chip isOn excludes>
            SPY, QQQ
          </Chip>
        </State>
        <State name="disabled">
          <Chip isOn={false} disabled>
            At ask
          </Chip>
        </State>
        <State name="segments">
          <Segmented
            label="Weight"
            choices={[
              { key: 'oi', label: 'OI', title: 'Open interest' },
              { key: 'vol', label: 'Vol', title: 'Volume' },
            ]}
            selected={weight}
            onSelect={setWeight}
          />
        </State>
        <State name="switch">
          <Switch label="Quiet hours" title="Quiet hours" isOn={isOn} onChange={setIsOn} />
        </State>
        <State name="tabs">
          <Tabs
            label="Panels"
            kind="heads"
            controls="design-tab"
            tabs={[
              { key: 'a', label: 'Dark pool' },
              { key: 'b', label: 'Movers' },
            ]}
            selected={tab}
            onSelect={setTab}
          />
          <span id="design-tab" />
        </State>
        <State name="key">
          <kbd>Ctrl K</kbd>
        </State>
      </Part>
      <Part name="Inputs">
        <div className={styles.field}>
          <Field label="Ticker, empty" icon="search" placeholder="Ticker" />
        </div>
        <div className={styles.field}>
          <Field label="Expression" icon="filter" isData defaultValue="premium >= 250K" />
        </div>
        <div className={styles.field}>
          <Field label="Not now" icon="search" disabled defaultValue="not now" />
        </div>
        <div className={styles.field}>
          <Field
            label="Expression with a fault"
            icon="filter"
            isData
            defaultValue="premum >= 250K"
            fault={
              <>
                No field is called <span className="data">premum</span>. Nearest:{' '}
                <span className="data">premium</span>
              </>
            }
          />
        </div>
        <TickerField
          label="Add a ticker"
          action="Add"
          icon="plus"
          placeholder="Add ticker"
          onSubmit={text => (text === '' ? 'Type a ticker, such as SPY.' : null)}
        />
      </Part>
    </>
  )
}

/** A part of the page. */
export function Part({
  name,
  words,
  children,
}: {
  name: string
  words?: string
  children: ReactNode
}): ReactNode {
  return (
    <section className={styles.part}>
      <div>
        <h2>{name}</h2>
        {words !== undefined && <p>{words}</p>}
      </div>
      <div className={styles.set}>{children}</div>
    </section>
  )
}

function State({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div className={styles.of}>
      {children}
      <small>{name}</small>
    </div>
  )
}
