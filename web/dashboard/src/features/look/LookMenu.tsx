import type { ReactNode } from 'react'
import { IconButton } from '../../ui/Button'
import { Icon } from '../../ui/Icon'
import { Popover, PopoverRow, PopoverSection } from '../../ui/Popover'
import { Segmented } from '../../ui/Segmented'
import { useCell } from '../../ui/useCell'
import type { LookChoice } from './Look'

const ThemeChoices = [
  { key: 'dark', label: 'Dark', title: 'Ink with a trace of sea in it' },
  { key: 'light', label: 'Light', title: 'Chart paper' },
  { key: 'contrast', label: 'Contrast', title: 'Every text at least 7 : 1, every line 3 : 1' },
] as const
const PairChoices = [
  { key: 'green-red', label: 'Green, red', title: 'Calls and rises green, puts and falls red' },
  { key: 'blue-orange', label: 'Blue, orange', title: 'For eyes that do not keep green and red apart' },
] as const
const DensityChoices = [
  { key: 'dense', label: 'Dense', title: 'Rows of 24 px' },
  { key: 'comfortable', label: 'Comfortable', title: 'Rows of 32 px, larger type' },
] as const

/** How the page looks: theme, hues, density. */
export function LookMenu({ look }: { look: LookChoice }): ReactNode {
  const { theme, pair, density } = useCell(look)
  return (
    <Popover
      name="Theme and density"
      size="small"
      trigger={props => (
        <IconButton label="Theme and density" {...props}>
          <Icon name="theme" />
        </IconButton>
      )}
    >
      <PopoverSection>
        <PopoverRow name="Theme">
          <Segmented
            label="Theme"
            choices={ThemeChoices}
            selected={theme}
            onSelect={key => look.choose({ theme: key })}
          />
        </PopoverRow>
        <PopoverRow name="Calls, puts">
          <Segmented
            label="Hues of calls and puts"
            choices={PairChoices}
            selected={pair}
            onSelect={key => look.choose({ pair: key })}
          />
        </PopoverRow>
        <PopoverRow name="Density">
          <Segmented
            label="Density"
            choices={DensityChoices}
            selected={density}
            onSelect={key => look.choose({ density: key })}
          />
        </PopoverRow>
      </PopoverSection>
    </Popover>
  )
}
