/** The tape's columns in order: the head's word, its alignment, and the class under which both its head and its cells stand. */
export const Columns = [
  { key: 'age', head: 'Age', title: 'Time since the server received the alert' },
  { key: 'ticker', head: 'Ticker', title: null },
  { key: 'strike', head: 'Strike', title: null },
  { key: 'type', head: '', title: 'Call or put' },
  { key: 'expiry', head: 'Expiry', title: null },
  { key: 'dte', head: 'DTE', title: 'Days to expiry' },
  { key: 'side', head: 'Side', title: 'Where the fill stood between the best bid and offer' },
  { key: 'price', head: 'Price', title: null },
  { key: 'size', head: 'Size', title: 'Contracts in the alert' },
  { key: 'premium', head: 'Premium', title: null },
  { key: 'spot', head: 'Spot', title: 'Price of the underlying' },
  { key: 'toStrike', head: 'To strike', title: 'How far spot has to go to the strike' },
  { key: 'volume', head: 'Vol', title: 'Contracts traded today' },
  { key: 'interest', head: 'OI', title: 'Open interest' },
  { key: 'ratio', head: 'V/OI', title: 'Volume against open interest' },
  { key: 'flags', head: 'S F M O', title: 'Sweep, floor, multi-leg, all opening' },
  { key: 'exchanges', head: 'Exch', title: 'Exchanges that took part' },
  { key: 'rule', head: 'Rule', title: 'The provider’s rule that fired' },
] as const

/** The name of a column. */
export type ColumnKey = (typeof Columns)[number]['key']
