import { type ReactNode, useState } from 'react'
import { Button } from '../ui/Button'
import { Drawer, DrawerSection } from '../ui/Drawer'
import { Popover, PopoverRow, PopoverSection } from '../ui/Popover'
import { Switch } from '../ui/Switch'
import type { Toasts } from '../ui/Toasts'
import { Part } from './Design'
import styles from './Design.module.css'

const nothing = (): void => undefined

/** What lies over the page. */
export function Overlays({ toasts }: { toasts: Toasts }): ReactNode {
  const [isDrawerOpen, setIsDrawerOpen] = useState(false)
  return (
    <Part name="Overlays" words="160 ms, 8 px. Escape closes them, and what opened them has the focus again.">
      <Popover
        name="Popover"
        size="small"
        trigger={props => (
          <Button data-testid="open-popover" {...props}>
            Popover
          </Button>
        )}
      >
        <PopoverSection title="A part of it">
          <PopoverRow name="A choice">
            <Switch label="On" title="On" isOn onChange={nothing} />
          </PopoverRow>
        </PopoverSection>
      </Popover>
      <Button
        onClick={() =>
          toasts.show({
            title: 'NVDA 150 C Sep 19, $12.3M',
            body: 'Big opening sweeps, swept at the ask',
            icon: 'bell',
            action: { label: 'Show', run: nothing },
          })
        }
      >
        Toast
      </Button>
      <Button
        data-testid="error-toast"
        onClick={() =>
          toasts.show({
            kind: 'error',
            title: 'The rule was not saved',
            body: 'The server refused it: no field “tiker”. Your text is kept.',
          })
        }
      >
        Error toast
      </Button>
      <Button onClick={() => setIsDrawerOpen(true)}>Drawer</Button>
      <div className={styles.frame}>
        {isDrawerOpen && (
          <Drawer name="Row detail" onClose={() => setIsDrawerOpen(false)}>
            <DrawerSection title="Fill" note="NBBO 11.05 × 11.15">
              <p className="data">11,031 × 11.15 at ask, 18 exchanges</p>
            </DrawerSection>
          </Drawer>
        )}
      </div>
    </Part>
  )
}
