const aliases: Readonly<Record<string, string>> = {
  flow: 'flow-alerts',
  flow_alerts: 'flow-alerts',
  'dark-pool': 'off_lit_trades',
  dark_pool: 'off_lit_trades',
  'market-movers': 'market_movers',
  congress: 'congress_trades',
  'congress-late': 'congress_late_reports',
}

/** The state feeds and the fields of their key. Every other feed is an event feed: of it nothing is ever merged. */
const keys: Readonly<Record<string, string>> = {
  gex: 'ticker',
  price: '',
  gex_strike: 'ticker strike',
  gex_strike_expiry: 'ticker expiry strike',
  interval_flow: 'ticker interval_type tape_time',
  contract_screener: 'option_symbol',
  quotes: '',
  stock_screener: 'ticker',
  market_movers: '',
  candles: 'start_time',
  ticker: 'ticker',
  market_status: '',
}

/** The name under which the server answers: aliases resolved, the feed in lower case, the symbol in upper case. */
export function canonicalName(channel: string): string {
  const text = channel.trim()
  const session = text.startsWith('@') ? text.slice(0, text.indexOf('/') + 1) : ''
  const [feed = '', ...symbol] = text.slice(session.length).split(':')
  const name = feed.toLowerCase()
  return session + [aliases[name] ?? name, ...symbol.map(part => part.toUpperCase())].join(':')
}

/** The feed and the symbol of a canonical name, as they stand in the path of the wires of one channel. */
export function pathOf(channel: string): string {
  return channel.split(':').map(encodeURIComponent).join('/')
}

/** What names the state that a payload replaces; null for a payload that replaces none. */
export type KeyOf = (data: unknown) => string | null

/** Of a state feed, what names the state that a payload replaces; null for an event feed. */
export function stateKey(channel: string): KeyOf | null {
  const [feed = '', symbol] = channel.slice(channel.indexOf('/') + 1).split(':')
  const fields = keys[feed]
  if (fields === undefined) return null
  // Where the channel carries the symbol, all of it has the same.
  const names = fields.split(' ').filter(name => name !== '' && (symbol === undefined || name !== 'ticker'))
  return data => {
    const values = names.map(name => (data as Record<string, unknown> | null)?.[name])
    return values.includes(undefined) ? null : values.join('\n')
  }
}
