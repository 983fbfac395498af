import type { Tab } from '../ui/Tabs'

/** A pane of the desk. */
export type PaneKey = 'flow' | 'prices' | 'gamma' | 'prints' | 'news' | 'trial'

/** A feed on trial: the provider is not known to have a channel of that name. */
export type TrialKey = 'movers' | 'congress'

/** The panes in the order of their tabs. */
export const Panes = [
  { key: 'flow', label: 'Flow', icon: 'tape' },
  { key: 'prices', label: 'Prices', icon: 'price' },
  { key: 'gamma', label: 'Gamma', icon: 'gamma' },
  { key: 'prints', label: 'Dark pool', icon: 'prints' },
  { key: 'news', label: 'News', icon: 'news' },
  { key: 'trial', label: 'More', icon: 'dots' },
] as const satisfies readonly Tab<PaneKey>[]

/** The feeds on trial in the order of their tabs. */
export const Trials = [
  { key: 'movers', label: 'Movers' },
  { key: 'congress', label: 'Congress' },
] as const satisfies readonly Tab<TrialKey>[]
