import type { Tab } from '../ui/Tabs'

/** A pane of the desk. */
export type PaneKey = 'flow' | 'prices' | 'gamma' | 'prints' | 'news' | 'tide'

/** The panes in the order of their tabs. */
export const Panes = [
  { key: 'flow', label: 'Flow', icon: 'tape' },
  { key: 'gamma', label: 'Gamma', icon: 'gamma' },
  { key: 'prices', label: 'Prices', icon: 'price' },
  { key: 'news', label: 'News', icon: 'news' },
  { key: 'prints', label: 'Prints', icon: 'prints' },
  { key: 'tide', label: 'Tide', icon: 'tide' },
] as const satisfies readonly Tab<PaneKey>[]

/** Panels that take turns in one pane, in the order of their tabs. */
export const Slots = {
  prints: [
    { key: 'dark-pool', label: 'Dark pool' },
    { key: 'movers', label: 'Movers' },
    { key: 'halts', label: 'Halts' },
  ],
  news: [
    { key: 'news', label: 'News' },
    { key: 'congress', label: 'Congress' },
  ],
  tide: [
    { key: 'market-tide', label: 'Market tide' },
    { key: 'net-flow', label: 'Net flow' },
  ],
} as const satisfies Record<string, readonly Tab<string>[]>

/** A pane whose panels take turns. */
export type SlotKey = keyof typeof Slots
/** A panel of such a pane. */
export type PanelKey<S extends SlotKey = SlotKey> = (typeof Slots)[S][number]['key']
