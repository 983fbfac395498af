import type { ReactNode } from 'react'
import { IconButton } from '../../ui/Button'
import { Icon } from '../../ui/Icon'
import { Modal } from '../../ui/Modal'
import { Switch } from '../../ui/Switch'
import { useCell } from '../../ui/useCell'
import styles from './KeyDesk.module.css'
import type { Keys } from './Keys'
import { Strokes } from './Strokes'

/** All keys there are. */
export function KeySheet({ keys, onClose }: { keys: Keys; onClose: () => void }): ReactNode {
  const areOn = useCell(keys.areSinglesOn)
  const withKeys = keys.commands.filter(command => command.keys.length > 0)
  const groups = [...new Set(withKeys.map(({ group }) => group))]
  return (
    <Modal name="Keys" onClose={onClose}>
      <div className={styles.ask}>
        <h2>Keys</h2>
        <Switch
          label="Single letters"
          title="Whether letters are commands while no field has the focus"
          isOn={areOn}
          onChange={isOn => keys.areSinglesOn.set(isOn)}
        />
        <IconButton label="Close" onClick={onClose}>
          <Icon name="close" size="small" />
        </IconButton>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the region scrolls */}
      <section className={styles.keys} aria-label="All keys" tabIndex={0}>
        {groups.map(group => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {withKeys
                .filter(command => command.group === group)
                .map(({ id, title, keys: of }) => (
                  <div key={id}>
                    <dt>{title}</dt>
                    <dd>
                      <Strokes keys={of} />
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </section>
    </Modal>
  )
}
