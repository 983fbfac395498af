import { memo, type ReactNode } from 'react'
import type { Readable } from '../../stream/Cell'
import { count, Missing, money } from '../../ui/figures'
import { dayText, marketDay } from '../../ui/marketTime'
import { Age } from './Age'
import { loudness } from './FlowAlert'
import type { AlertRow } from './FlowTape'
import { FlagSlots, PremiumBar, SideGauge } from './marks'
import { daysToExpiry, strikeText } from './OptionSymbol'
import styles from './TapeCard.module.css'
import { useFadesIn } from './TapeRow'

/** One alert as a card of two lines, for a phone. */
export const TapeCard = memo(function TapeCard({
  row,
  clock,
}: {
  row: AlertRow
  clock: Readable<number>
}): ReactNode {
  const { alert } = row
  const { option, price, size, premium } = alert
  const loud = loudness(premium)
  const today = marketDay(row.receivedAt)
  return (
    <div
      className={styles.card}
      role="row"
      data-testid="tape-row"
      data-offset={row.offset}
      data-loudness={loud}
      data-type={option?.type}
      data-fades={useFadesIn(row, clock) || undefined}
    >
      <span role="gridcell" className={styles.contract}>
        <b>{alert.ticker}</b>
        {option !== null && (
          <>
            <span>
              {strikeText(option.strike)}
              <b className={styles.type}>{option.type}</b>
            </span>
            <small>
              {dayText(option.expiry, today)} {daysToExpiry(option.expiry, today)}d
            </small>
          </>
        )}
      </span>
      <span role="gridcell" className={styles.premium}>
        {premium === null ? Missing : money(premium)}
      </span>
      <span className={styles.trade} role="presentation">
        <Age row={row} clock={clock} className={styles.age ?? ''} />
        <span role="gridcell" className={styles.side}>
          <SideGauge alert={alert} />
        </span>
        <span role="gridcell">
          {size === null ? Missing : count(size)} × {price?.toFixed(2) ?? Missing}
        </span>
        <span role="gridcell">
          <FlagSlots alert={alert} onlySet />
        </span>
      </span>
      <span className={styles.track} role="presentation">
        <PremiumBar alert={alert} isLoud={loud === 'loud'} />
      </span>
    </div>
  )
})
