import type { ReactNode } from 'react'
import styles from './Icon.module.css'

/** Drawn on a 16 px grid with a stroke of 1.4. */
const Paths = {
  pause: 'M5.5 3v10M10.5 3v10',
  play: 'M5 3l8 5-8 5Z',
  up: 'M8 13V3.5M4 7.5l4-4 4 4',
  theme: 'M8 2.2a5.8 5.8 0 1 0 0 11.6ZM8 2.2a5.8 5.8 0 0 1 0 11.6',
  clock: 'M8 2.2a5.8 5.8 0 1 0 .01 0ZM8 4.8V8l2.2 1.6',
  warn: 'M8 2.5 14 13H2ZM8 6.5v3M8 11.3v.2',
  flag: 'M4 14V2.5h8L10 5.5l2 3H4',
  broken: 'M2 8h4M10 8h4M7 5l-1 6M10 5 9 11',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  enter: 'M3 8h9.5M8.5 4l4 4-4 4',
  plus: 'M8 3v10M3 8h10',
  tape: 'M2 4h12M2 8h8M2 12h10',
  gamma: 'M8 2v12M8 4.5h5M8 8h3M3 6.2h5M5 10h3M8 12h4',
  price: 'M4.5 3v2M4.5 9v4M3 5h3v4H3ZM11.5 2v2M11.5 10v3M10 4h3v6h-3Z',
  news: 'M2.5 3h11v10h-11ZM5 6h6M5 8.2h6M5 10.4h3.5',
  prints: 'M2.5 13.5h11M4 11V8M7 11V3M10 11V6M13 11V9.5',
  dots: 'M3 8h.1M8 8h.1M13 8h.1',
} as const

/** The icons there are. */
export type IconName = keyof typeof Paths

/** An icon beside a word that says the same; on its own its button carries the name. */
export function Icon({
  name,
  size = 'normal',
}: {
  name: IconName
  size?: 'large' | 'normal' | 'small' | 'tiny'
}): ReactNode {
  return (
    <svg className={`${styles.icon} ${styles[size]}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={Paths[name]} />
    </svg>
  )
}
