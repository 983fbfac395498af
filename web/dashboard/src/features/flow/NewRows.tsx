import type { ReactNode } from 'react'
import { grouped, Missing, money } from '../../ui/figures'
import { Icon } from '../../ui/Icon'
import type { FlowAlert } from './FlowAlert'
import styles from './FlowPane.module.css'
import type { Tally } from './FlowTape'
import { strikeText } from './OptionSymbol'

/** The rows that wait, in the title bar where it covers nothing. */
export function NewRows({ waiting, onShow }: { waiting: Tally; onShow: () => void }): ReactNode {
  const { count, largest } = waiting
  return (
    <button type="button" className={styles.newRows} data-testid="new-pill" onClick={onShow}>
      <Icon name="up" size="small" />
      <span>{grouped(count)} new</span>
      {largest !== null && (
        <>
          <span className={styles.rest}>, largest </span>
          <span className="data">{contractText(largest.alert)}</span>
        </>
      )}
      <kbd>n</kbd>
    </button>
  )
}

/** `NVDA 150 C $12.3M`. */
export function contractText({ ticker, option, premium }: FlowAlert): string {
  const contract = option === null ? ticker : `${ticker} ${strikeText(option.strike)} ${option.type}`
  return `${contract} ${premium === null ? Missing : money(premium)}`
}
