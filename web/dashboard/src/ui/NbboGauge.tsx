import type { ReactNode } from 'react'
import { Missing } from './figures'
import styles from './NbboGauge.module.css'

/** Where a fill stood against the best bid and offer. */
export interface Fill {
  /** 0 at the bid, 1 at the ask; outside of them it goes a little beyond, so that the mark stays in the gauge. */
  readonly at: number
  readonly word: 'below' | 'bid' | 'mid' | 'ask' | 'above'
}

/** The fill of a trade, or null without price, bid and ask. A locked market counts as mid. */
export function fillAt(price: number | null, bid: number | null, ask: number | null): Fill | null {
  if (price === null || bid === null || ask === null) return null
  const spread = ask - bid
  const share = spread > 0 ? (price - bid) / spread : price > ask ? 2 : price < ask ? -1 : 0.5
  const at = Math.max(-0.18, Math.min(1.18, share))
  if (share > 1) return { at, word: 'above' }
  if (share < 0) return { at, word: 'below' }
  return { at, word: share >= 0.8 ? 'ask' : share <= 0.2 ? 'bid' : 'mid' }
}

const GaugeFrom = 5
const GaugeLength = 24
const FillWidth = 4

/** The best bid and offer as a gauge, with the fill where the price stood. Neutral: it is a fact, not an opinion. */
export function NbboGauge({ fill, isWordHidden }: { fill: Fill | null; isWordHidden?: boolean }): ReactNode {
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
      {isWordHidden ? <span className="visually-hidden">{fill.word}</span> : fill.word}
    </>
  )
}
