import { memo, type ReactNode, useState } from 'react'
import type { Readable } from '../../stream/Cell'
import { count, grouped, Missing, money, multiple, signedPercent } from '../../ui/figures'
import { dayText, marketDay } from '../../ui/marketTime'
import { Age } from './Age'
import { distanceToStrike, loudness, shortRule, volumeToOpenInterest } from './FlowAlert'
import type { AlertRow } from './FlowTape'
import { FlagSlots, PremiumBar, SideGauge } from './marks'
import { daysToExpiry, strikeText } from './OptionSymbol'
import styles from './Tape.module.css'

const FadeFor = 600

/** Whether a row that is mounted now has just arrived: scrolled back into view later it must not fade in again. */
export function useFadesIn(row: AlertRow, clock: Readable<number>): boolean {
  const [fades] = useState(() => row.fadesFrom !== null && clock.get() - row.fadesFrom < FadeFor)
  return fades
}

/** One alert across the columns. It never changes after it is drawn, except for its age. */
export const TapeRowView = memo(function TapeRowView({
  row,
  clock,
}: {
  row: AlertRow
  clock: Readable<number>
}): ReactNode {
  const { alert } = row
  const { option, price, size, premium, spot, volume, openInterest, exchanges, rule } = alert
  const loud = loudness(premium)
  const today = marketDay(row.receivedAt)
  const days = option === null ? null : daysToExpiry(option.expiry, today)
  const distance = distanceToStrike(alert)
  const ratio = volumeToOpenInterest(alert)
  return (
    <div
      className={styles.row}
      role="row"
      data-testid="tape-row"
      data-offset={row.offset}
      data-loudness={loud}
      data-type={option?.type}
      data-fades={useFadesIn(row, clock) || undefined}
    >
      <Age row={row} clock={clock} className={styles.age ?? ''} />
      <span role="gridcell" className={styles.ticker}>
        {alert.ticker}
      </span>
      <span role="gridcell" className={styles.strike}>
        {option === null ? Missing : strikeText(option.strike)}
      </span>
      <span role="gridcell" className={styles.type}>
        {option?.type ?? ''}
      </span>
      <span role="gridcell" className={styles.expiry}>
        {option === null ? Missing : dayText(option.expiry, today)}
      </span>
      <span role="gridcell" className={styles.dte} data-today={days === 0 || undefined}>
        {days === null ? Missing : `${days}d`}
      </span>
      <span role="gridcell" className={styles.side}>
        <SideGauge alert={alert} />
      </span>
      <span role="gridcell" className={styles.price}>
        {price === null ? Missing : priceText(price)}
      </span>
      <span role="gridcell" className={styles.size}>
        {size === null ? Missing : count(size)}
      </span>
      <span role="gridcell" className={styles.premium}>
        <span className={styles.track}>
          <PremiumBar alert={alert} isLoud={loud === 'loud'} />
        </span>
        <span className={styles.figure}>{premium === null ? Missing : money(premium)}</span>
      </span>
      <span role="gridcell" className={styles.spot}>
        {spot === null ? Missing : spotText(spot)}
      </span>
      <span role="gridcell" className={styles.toStrike}>
        {distance === null ? Missing : signedPercent(distance)}
      </span>
      <span role="gridcell" className={styles.volume}>
        {volume === null ? Missing : count(volume)}
      </span>
      <span role="gridcell" className={styles.interest}>
        {openInterest === null ? Missing : count(openInterest)}
      </span>
      <span role="gridcell" className={styles.ratio} data-hot={(ratio !== null && ratio >= 1) || undefined}>
        {ratio === null ? Missing : multiple(ratio)}
      </span>
      <span role="gridcell" className={styles.flags}>
        <FlagSlots alert={alert} />
      </span>
      <span role="gridcell" className={styles.exchanges}>
        {exchanges ?? Missing}
      </span>
      <span role="gridcell" className={styles.rule} title={rule ?? undefined}>
        {rule === null ? Missing : shortRule(rule)}
      </span>
    </div>
  )
})

/** Two decimals, one from 1,000 on: `0.01`, `400.45`, `1234.5`. */
function priceText(price: number): string {
  return price.toFixed(price < 1_000 ? 2 : 1)
}

/** Two decimals while there is room for them: `593.14`, `5,931.6`, `21,428`. */
function spotText(spot: number): string {
  if (spot < 1_000) return spot.toFixed(2)
  return spot < 10_000 ? oneDecimal.format(spot) : grouped(spot)
}

const oneDecimal = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 })
