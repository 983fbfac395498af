import type { ReactNode } from 'react'
import { Button, IconButton } from '../../ui/Button'
import { Icon } from '../../ui/Icon'
import { Popover, PopoverRow, PopoverSection } from '../../ui/Popover'
import { Switch } from '../../ui/Switch'
import { useCell } from '../../ui/useCell'
import { Reasons } from './HeardAlert'
import { parseTimeOfDay, timeOfDay } from './QuietHours'
import { ReasonRow } from './ReasonRow'
import type { SoundDesk, SoundView } from './SoundDesk'
import styles from './SoundMenu.module.css'

/** The page's sound: whether it is on, and what is heard of what. */
export function SoundMenu({ sound }: { sound: SoundDesk }): ReactNode {
  const view = useCell(sound)
  const words = stateWords(view)
  return (
    <Popover
      name="Sound and notices"
      trigger={props => (
        <IconButton label={words} data-testid="sound" data-output={view.output} {...props}>
          <Icon name={view.output === 'running' ? 'sound' : 'mute'} />
          {view.output === 'muted' && <span className={styles.mutedMark} />}
        </IconButton>
      )}
    >
      <State sound={sound} view={view} />
      {Reasons.map(reason => (
        <ReasonRow key={reason} reason={reason} sound={sound} view={view} />
      ))}
      <Quiet sound={sound} view={view} />
    </Popover>
  )
}

/** What the button says of the sound. */
function stateWords({ output, choices }: SoundView): string {
  if (output === 'closed') return 'Sound is off'
  if (output === 'muted') return 'Sound is muted by the browser'
  return `Sound is on, ${percent(choices.volume)}`
}

function percent(volume: number): string {
  return `${Math.round(volume * 100)}%`
}

function State({ sound, view }: { sound: SoundDesk; view: SoundView }): ReactNode {
  const { output, choices, canSpeak } = view
  return (
    <PopoverSection>
      {output === 'closed' ? (
        <PopoverRow name="Sound is off on this device.">
          <Button kind="solid" data-testid="enable-sound" onClick={() => sound.enable(true)}>
            Enable sound
          </Button>
        </PopoverRow>
      ) : (
        <PopoverRow
          name={
            <Switch
              label="Sound"
              title="Switch sound off"
              isOn={choices.isOn}
              onChange={isOn => sound.enable(isOn)}
            />
          }
        >
          <label className={styles.volume}>
            <span className="visually-hidden">Volume on this device</span>
            <input
              type="range"
              min="0"
              max="100"
              step="5"
              value={Math.round(choices.volume * 100)}
              onChange={event => sound.setVolume(Number(event.target.value) / 100)}
            />
            <span className="data">{percent(choices.volume)}</span>
          </label>
        </PopoverRow>
      )}
      {output === 'muted' && (
        <p className={styles.muted} role="status" data-testid="sound-muted">
          <Icon name="mute" size="small" />
          <span>
            Muted by the browser. <em>Click once anywhere to allow it.</em>
          </span>
        </p>
      )}
      {output !== 'closed' && canSpeak && (
        <PopoverRow name="Voice">
          <Button kind="small" onClick={() => sound.testVoice()}>
            <Icon name="voice" size="tiny" /> Test voice
          </Button>
        </PopoverRow>
      )}
    </PopoverSection>
  )
}

function Quiet({ sound, view }: { sound: SoundDesk; view: SoundView }): ReactNode {
  const { quiet } = view.choices
  const take = (side: 'from' | 'to', text: string): void => {
    const minutes = parseTimeOfDay(text)
    if (minutes !== null) sound.setQuiet({ [side]: minutes })
  }
  return (
    <PopoverSection>
      <PopoverRow
        name={
          <Switch
            label="Quiet hours"
            title="Hours in which nothing is heard and no notice is shown, by this device’s clock"
            isOn={quiet.isOn}
            onChange={isOn => sound.setQuiet({ isOn })}
          />
        }
      >
        <span className={styles.hours}>
          <input
            type="time"
            aria-label="Quiet from"
            value={timeOfDay(quiet.from)}
            disabled={!quiet.isOn}
            onChange={event => take('from', event.target.value)}
          />
          to
          <input
            type="time"
            aria-label="Quiet to"
            value={timeOfDay(quiet.to)}
            disabled={!quiet.isOn}
            onChange={event => take('to', event.target.value)}
          />
        </span>
      </PopoverRow>
    </PopoverSection>
  )
}
