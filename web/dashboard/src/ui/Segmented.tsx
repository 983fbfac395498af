import type { ReactNode } from 'react'
import styles from './Segmented.module.css'

/** A few choices side by side, of which one holds. */
export function Segmented<K extends string>({
  label,
  choices,
  selected,
  onSelect,
}: {
  label: string
  choices: readonly { readonly key: K; readonly label: string; readonly title: string }[]
  selected: K
  onSelect: (key: K) => void
}): ReactNode {
  return (
    <fieldset className={styles.segmented}>
      <legend className="visually-hidden">{label}</legend>
      {choices.map(choice => (
        <button
          key={choice.key}
          type="button"
          title={choice.title}
          aria-pressed={choice.key === selected}
          onClick={() => onSelect(choice.key)}
        >
          {choice.label}
        </button>
      ))}
    </fieldset>
  )
}
