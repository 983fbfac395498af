import type { ReactNode } from 'react'
import { Missing } from '../../ui/figures'
import { barShare, type FlowAlert, fillOf } from './FlowAlert'
import styles from './marks.module.css'

const GaugeFrom = 5
const GaugeLength = 24
const FillWidth = 4

/** The best bid and offer as a gauge, with the fill where the price stood. Neutral: it is a fact, not an opinion. */
export function SideGauge({ alert }: { alert: FlowAlert }): ReactNode {
  const fill = fillOf(alert)
  if (fill === null) return <span className={styles.missing}>{Missing}</span>
  const to = GaugeFrom + GaugeLength
  const x = GaugeFrom + fill.at * GaugeLength - FillWidth / 2
  return (
    <>
      <svg className={styles.gauge} viewBox="0 0 34 10" aria-hidden="true">
        <line x1={GaugeFrom} x2={to} y1="5" y2="5" />
        <line x1={GaugeFrom} x2={GaugeFrom} y1="2" y2="8" />
        <line x1={to} x2={to} y1="2" y2="8" />
        <rect x={x.toFixed(1)} y="1" width={FillWidth} height="8" />
      </svg>
      {fill.word}
    </>
  )
}

/** The premium as a length: solid for calls, open for puts, so that it can be read without colour. */
export function PremiumBar({ alert, isLoud }: { alert: FlowAlert; isLoud: boolean }): ReactNode {
  const share = barShare(alert.premium)
  if (share === 0) return null
  return (
    <i
      className={styles.bar}
      data-type={alert.option?.type}
      data-loud={isLoud || undefined}
      style={{ width: `${(share * 100).toFixed(1)}%` }}
    />
  )
}

const Slots = [
  ['S', 'sweep', 'isSweep'],
  ['F', 'floor', 'isFloor'],
  ['M', 'multi-leg', 'isMultiLeg'],
  ['O', 'all opening', 'isAllOpening'],
] as const

/** The heads of the four slots. */
export const SlotLetters = Slots.map(([letter]) => letter)

/** Four slots, each with its letter or a dot, always in the same place: the eye reads the position. */
export function FlagSlots({ alert, onlySet = false }: { alert: FlowAlert; onlySet?: boolean }): ReactNode {
  const set = Slots.filter(([, , flag]) => alert[flag])
  return (
    <span
      className={styles.slots}
      title={set.length === 0 ? undefined : set.map(([, name]) => name).join(', ')}
    >
      {(onlySet ? set : Slots).map(([letter, , flag]) => (
        <span key={letter} className={alert[flag] ? styles.on : styles.off}>
          {alert[flag] ? letter : ''}
        </span>
      ))}
    </span>
  )
}
