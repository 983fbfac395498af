import type { ReactNode } from 'react'
import { NbboGauge } from '../../ui/NbboGauge'
import { barShare, type FlowAlert, fillOf } from './FlowAlert'
import styles from './marks.module.css'

/** Where the fill stood against the best bid and offer. */
export function SideGauge({ alert }: { alert: FlowAlert }): ReactNode {
  return <NbboGauge fill={fillOf(alert)} />
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
