import { type KeyboardEvent, type ReactNode, useRef } from 'react'
import { Icon, type IconName } from './Icon'
import styles from './Tabs.module.css'

/** One of the tabs. */
export interface Tab<K extends string> {
  readonly key: K
  readonly label: string
  readonly icon?: IconName
}

/** Tabs: one tab stop, arrows within. `dock` is the phone's navigation, `heads` stand for a pane's title. */
export function Tabs<K extends string>({
  label,
  tabs,
  selected,
  onSelect,
  kind,
  controls,
}: {
  label: string
  tabs: readonly Tab<K>[]
  selected: K
  onSelect: (key: K) => void
  kind: 'heads' | 'strip' | 'dock'
  /** The id of the element the tabs switch. */
  controls: string
}): ReactNode {
  const list = useRef<HTMLDivElement>(null)
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = tabs.findIndex(tab => tab.key === selected)
    const steps: Record<string, number> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: tabs.length - 1,
    }
    const to = steps[event.key]
    if (to === undefined) return
    event.preventDefault()
    const index = (to + tabs.length) % tabs.length
    const tab = tabs[index]
    if (tab === undefined) return
    onSelect(tab.key)
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[index]?.focus()
  }
  return (
    <div
      ref={list}
      role="tablist"
      aria-label={label}
      className={`${styles.tabs} ${styles[kind]}`}
      onKeyDown={onKeyDown}
    >
      {tabs.map(tab => (
        <button
          key={tab.key}
          type="button"
          role="tab"
          aria-selected={tab.key === selected}
          aria-controls={controls}
          tabIndex={tab.key === selected ? 0 : -1}
          onClick={() => onSelect(tab.key)}
        >
          {tab.icon !== undefined && <Icon name={tab.icon} size="large" />}
          {tab.label}
        </button>
      ))}
    </div>
  )
}
