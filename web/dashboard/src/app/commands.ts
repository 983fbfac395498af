import type { Command, TickerCommand } from '../features/keys/Command'
import { focusPanel } from '../features/keys/useKeys'
import type { IconName } from '../ui/Icon'
import type { Desk } from './desk'
import type { PaneKey, PanelKey, SlotKey } from './panes'

type CommandsOf = Pick<
  Desk,
  'tape' | 'look' | 'shown' | 'slots' | 'watchList' | 'gamma' | 'netFlow' | 'sound' | 'toasts' | 'link'
>

/** Shows a pane where there is room for one, and gives it the focus. */
function goTo(desk: CommandsOf, pane: PaneKey, name: string, chosen?: readonly [SlotKey, PanelKey]): void {
  desk.shown.set(pane)
  if (chosen !== undefined) desk.slots[chosen[0]].set(chosen[1])
  // Once it is drawn.
  requestAnimationFrame(() => focusPanel(name))
}

/** What the keys of the page do. */
export function commandsOf(desk: CommandsOf): readonly Command[] {
  const { tape, look, sound, link } = desk
  const go = (
    key: string,
    icon: IconName,
    pane: PaneKey,
    name: string,
    chosen?: readonly [SlotKey, PanelKey],
  ): Command => ({
    id: `go-${name}`,
    title: `Go to ${name.toLowerCase()}`,
    group: 'Go to',
    icon,
    keys: [`g ${key}`],
    run: () => goTo(desk, pane, name, chosen),
  })
  return [
    {
      id: 'pause',
      title: 'Pause or resume the tape',
      group: 'Tape',
      icon: 'pause',
      keys: ['Space'],
      run: () => tape.togglePause(),
    },
    {
      id: 'new',
      title: 'Show the new rows',
      group: 'Tape',
      icon: 'up',
      keys: ['n'],
      run: () => tape.showNew(),
    },
    go('f', 'tape', 'flow', 'Flow'),
    go('g', 'gamma', 'gamma', 'Gamma exposure'),
    go('p', 'price', 'prices', 'Watch-list'),
    go('n', 'news', 'news', 'News', ['news', 'news']),
    go('d', 'prints', 'prints', 'Dark pool', ['prints', 'dark-pool']),
    go('m', 'prints', 'prints', 'Movers', ['prints', 'movers']),
    go('h', 'halt', 'prints', 'Halts', ['prints', 'halts']),
    go('c', 'people', 'news', 'Congress', ['news', 'congress']),
    go('t', 'tide', 'tide', 'Market tide', ['tide', 'market-tide']),
    go('o', 'rule', 'tide', 'Net flow', ['tide', 'net-flow']),
    {
      id: 'invert',
      title: 'Invert the theme',
      group: 'Everywhere',
      icon: 'theme',
      keys: ['t'],
      run: () => look.invert(),
    },
    {
      id: 'sound',
      title: 'Switch sound on or off',
      group: 'Everywhere',
      icon: 'sound',
      keys: [],
      run: () => sound.enable(!sound.get().choices.isOn),
    },
    {
      id: 'reconnect',
      title: 'Try to connect now',
      group: 'Everywhere',
      icon: 'clock',
      keys: [],
      run: () => link.retryNow(),
    },
  ]
}

/** What can be done with a ticker that the palette has found; the first is what choosing the ticker itself does. */
export function tickerCommandsOf(desk: CommandsOf): readonly TickerCommand[] {
  const { watchList, gamma, netFlow, toasts } = desk
  return [
    {
      id: 'price',
      icon: 'price',
      title: ticker => `Price of ${ticker}`,
      run: ticker => {
        watchList.show(ticker)
        goTo(desk, 'prices', 'Price')
      },
    },
    {
      id: 'gamma',
      icon: 'gamma',
      title: ticker => `Gamma exposure of ${ticker}`,
      run: ticker => {
        gamma.choose(ticker)
        goTo(desk, 'gamma', 'Gamma exposure')
      },
    },
    {
      id: 'net-flow',
      icon: 'tide',
      title: ticker => `Net flow of ${ticker}`,
      run: ticker => {
        netFlow.choose(ticker)
        goTo(desk, 'tide', 'Net flow', ['tide', 'net-flow'])
      },
    },
    {
      id: 'watch',
      icon: 'star',
      title: ticker => `Watch ${ticker}`,
      run: ticker => {
        const fault = watchList.add(ticker)
        toasts.show(
          fault === null
            ? { title: `${ticker} is watched`, icon: 'star' }
            : { title: `${ticker} was not added`, body: fault, kind: 'error' },
        )
      },
    },
  ]
}

/** The tickers the page knows: those that are watched, and those of the newest rows. */
export function knownTickers({ watchList, tape }: CommandsOf): readonly string[] {
  const rows = tape.get().rows.slice(0, 2_000)
  return [
    ...new Set([
      ...watchList.tickers.get(),
      ...rows.flatMap(row => (row.kind === 'alert' ? [row.alert.ticker] : [])),
    ]),
  ]
}
