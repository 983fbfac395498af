import type { Command, TickerCommand } from './Command'

/** Something the palette offers. */
export interface Offer {
  readonly id: string
  readonly group: string
  readonly icon: Command['icon']
  readonly title: string
  /** Where in the title what was looked for stands: from, to. */
  readonly mark: readonly [number, number] | null
  readonly keys: readonly string[]
  run(): void
}

/** What the palette can look through. */
export interface Searched {
  readonly commands: readonly Command[]
  readonly tickers: readonly string[]
  readonly tickerCommands: readonly TickerCommand[]
}

/** Most tickers offered. */
const MostTickers = 4
const Ticker = /^[A-Z0-9.\-/_^]{1,24}$/

/**
 * What the palette offers for what is written: tickers that begin with it, what can be done with the first of them, and the
 * commands in whose title it stands, those first at whose words it begins. Commands first where it is the beginning of no
 * ticker that has been shown. Nothing written: all commands.
 */
export function search(written: string, { commands, tickers, tickerCommands }: Searched): readonly Offer[] {
  const words = written.trim()
  const shown = commands.filter(({ isKeyOnly }) => isKeyOnly !== true)
  if (words === '') return shown.map(command => offerOf(command, null))
  const wanted = words.toUpperCase()
  const ofTickers = tickerOffers(wanted, tickers, tickerCommands)
  const ofCommands = commandOffers(words, shown)
  // What no ticker begins with is meant as a ticker only where it is no command.
  const isTicker = tickers.some(ticker => ticker.startsWith(wanted))
  return isTicker ? [...ofTickers, ...ofCommands] : [...ofCommands, ...ofTickers]
}

function tickerOffers(
  wanted: string,
  tickers: readonly string[],
  tickerCommands: readonly TickerCommand[],
): readonly Offer[] {
  const [open] = tickerCommands
  if (open === undefined || !Ticker.test(wanted)) return []
  const found = tickers
    .filter(ticker => ticker.startsWith(wanted))
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
  // A ticker nobody has shown yet exists all the same.
  const offered = [...new Set(found.includes(wanted) ? [wanted, ...found] : [...found, wanted])]
  const shown = offered.slice(0, MostTickers)
  const first = shown[0] ?? wanted
  return [
    ...shown.map(ticker => ({
      id: `ticker:${ticker}`,
      group: 'Tickers',
      icon: open.icon,
      title: ticker,
      mark: [0, wanted.length] as const,
      keys: [],
      run: () => open.run(ticker),
    })),
    ...tickerCommands.map(command => ({
      id: `with:${command.id}`,
      group: `With ${first}`,
      icon: command.icon,
      title: command.title(first),
      mark: null,
      keys: [],
      run: () => command.run(first),
    })),
  ]
}

function commandOffers(wanted: string, commands: readonly Command[]): readonly Offer[] {
  const small = wanted.toLowerCase()
  return commands
    .flatMap(command => {
      const title = command.title.toLowerCase()
      const at = title.indexOf(small)
      if (at < 0) return []
      const isWordsBeginning = at === 0 || /[\s(]/.test(title.charAt(at - 1))
      return [
        { offer: offerOf(command, [at, at + small.length]), rank: at === 0 ? 0 : isWordsBeginning ? 1 : 2 },
      ]
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ offer }) => ({ ...offer, group: 'Commands' }))
}

function offerOf(command: Command, mark: readonly [number, number] | null): Offer {
  const { id, group, icon, title, keys } = command
  return { id, group, icon, title, mark, keys, run: () => command.run() }
}
