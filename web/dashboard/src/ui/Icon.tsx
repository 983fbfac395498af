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
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.4 10.4 14 14',
  columns: 'M2.5 3h11v10h-11ZM6.2 3v10M9.8 3v10',
  bell: 'M4 11V7.2a4 4 0 0 1 8 0V11l1.3 1.3H2.7ZM6.6 14.2h2.8',
  sound: 'M2.5 6.2v3.6H5L8.5 13V3L5 6.2ZM11 6a3 3 0 0 1 0 4M12.8 4.2a5.6 5.6 0 0 1 0 7.6',
  mute: 'M2.5 6.2v3.6H5L8.5 13V3L5 6.2ZM11 6.2l3.4 3.6M14.4 6.2 11 9.8',
  rule: 'M2 12h3l2.5-8 3 8H14',
  link: 'M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.2-2.2a2.6 2.6 0 0 0-3.7-3.7l-.8.8M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.3 9A2.6 2.6 0 0 0 7 12.7l.8-.8',
  copy: 'M5.5 5.5h8v8h-8ZM3 10.5h-.5v-8h8V3',
  check: 'M3 8.5 6.5 12 13 4.5',
  star: 'M8 2.2l1.7 3.7 4 .5-3 2.7.8 4L8 11.1l-3.5 2 .8-4-3-2.7 4-.5Z',
  gear: 'M2 4.5h6M11 4.5h3M2 11.5h3M8 11.5h6M9.5 3v3M6.5 10v3',
  filter: 'M2 3.5h12L9.5 8.8V13L6.5 11.5V8.8Z',
  voice: 'M8 2.5a2 2 0 0 1 2 2v3a2 2 0 0 1-4 0v-3a2 2 0 0 1 2-2ZM4 7.5a4 4 0 0 0 8 0M8 11.5V14',
  trash: 'M3 4.5h10M6.5 4V2.5h3V4M4.5 4.5 5 13.5h6l.5-9',
  download: 'M8 2v9M4.5 8 8 11.5 11.5 8M3 14h10',
  upload: 'M8 11V2.5M4.5 6 8 2.5 11.5 6M3 14h10',
  keys: 'M1.5 4h13v8h-13ZM4 6.5h.1M6.7 6.5h.1M9.3 6.5h.1M12 6.5h.1M5 9.5h6',
  halt: 'M5 2h6l3 3v6l-3 3H5l-3-3V5ZM6.3 5.5v5M9.7 5.5v5',
  tide: 'M1 9.5c2.3 0 2.3-4 4.7-4s2.3 4 4.6 4 2.4-4 4.7-4',
  people:
    'M6 7.5a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4ZM2 13c.3-2.5 1.9-3.7 4-3.7S9.7 10.5 10 13M10.5 3.3a2.2 2.2 0 0 1 0 4M12 9.6c1.2.6 1.9 1.7 2 3.4',
} as const

/** The icons there are. */
export type IconName = keyof typeof Paths

/** All icons, for the page of components. */
export const IconNames = Object.keys(Paths) as readonly IconName[]

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
