import { type ReactNode, useRef, useState } from 'react'
import { Button, IconButton } from '../../ui/Button'
import { Chip } from '../../ui/Chip'
import { Icon } from '../../ui/Icon'
import { PopoverSection } from '../../ui/Popover'
import { type Reason, ReasonWords } from './HeardAlert'
import type { SoundDesk, SoundView } from './SoundDesk'
import styles from './SoundMenu.module.css'

/** What is done for one reason, and a way to hear it. */
export function ReasonRow({
  reason,
  sound,
  view,
}: {
  reason: Reason
  sound: SoundDesk
  view: SoundView
}): ReactNode {
  const choice = view.choices.reasons[reason]
  const { name, rule } = ReasonWords[reason]
  const [fault, setFault] = useState<string | null>(null)
  const test = async (): Promise<void> => {
    const wasHeard = await sound.test(reason)
    setFault(
      wasHeard
        ? null
        : view.output === 'closed'
          ? 'Sound is off. Enable it above.'
          : 'The browser holds the sound back. Click once anywhere.',
    )
  }
  return (
    <PopoverSection>
      <div className={styles.reason}>
        <div>
          <strong>{name}</strong>
          <span>{rule}</span>
        </div>
        <Button kind="small" data-testid={`test-${reason}`} onClick={() => void test()}>
          <Icon name="play" size="tiny" /> Test
        </Button>
      </div>
      <div className={styles.ways}>
        <Chip isOn={choice.sounds} onClick={() => void sound.choose(reason, { sounds: !choice.sounds })}>
          Sound
        </Chip>
        {view.canSpeak && (
          <Chip isOn={choice.speaks} onClick={() => void sound.choose(reason, { speaks: !choice.speaks })}>
            Speak
          </Chip>
        )}
        {view.permission !== null && (
          <Chip
            isOn={choice.notifies && view.permission === 'granted'}
            disabled={view.permission === 'denied'}
            title={
              view.permission === 'denied'
                ? 'The browser refuses notices for this page. Allow them in its settings for the site.'
                : 'Show a notice of the system'
            }
            onClick={() =>
              void sound.choose(reason, { notifies: !(choice.notifies && view.permission === 'granted') })
            }
          >
            Notify
          </Chip>
        )}
        <OwnSound reason={reason} sound={sound} name={choice.ownName} onFault={setFault} />
      </div>
      {fault !== null && (
        <p className={styles.fault} role="alert">
          <Icon name="warn" size="tiny" /> {fault}
        </p>
      )}
    </PopoverSection>
  )
}

function OwnSound({
  reason,
  sound,
  name,
  onFault,
}: {
  reason: Reason
  sound: SoundDesk
  name: string | null
  onFault: (fault: string | null) => void
}): ReactNode {
  const picker = useRef<HTMLInputElement>(null)
  const take = async (file: File | undefined): Promise<void> => {
    if (file !== undefined) onFault(await sound.takeSound(reason, file))
    if (picker.current !== null) picker.current.value = ''
  }
  return (
    <span className={styles.own}>
      <input
        ref={picker}
        type="file"
        accept="audio/*"
        hidden
        data-testid={`upload-${reason}`}
        onChange={event => void take(event.target.files?.[0])}
      />
      {name === null ? (
        <Button kind="small" onClick={() => picker.current?.click()}>
          <Icon name="upload" size="tiny" /> Own sound
        </Button>
      ) : (
        <>
          <span title={name}>{name}</span>
          <IconButton
            label={`Go back to the built-in sound for ${ReasonWords[reason].name.toLowerCase()}`}
            onClick={() => void sound.dropSound(reason)}
          >
            <Icon name="trash" size="small" />
          </IconButton>
        </>
      )}
    </span>
  )
}
