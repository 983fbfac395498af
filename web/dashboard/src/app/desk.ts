import { TidewireClient } from '@tidewire/sdk'
import { type Filing, filingOrder, parseFiling } from '../features/congress/Filing'
import { FlowTape } from '../features/flow/FlowTape'
import { GammaBoard } from '../features/gamma/GammaBoard'
import { type Halt, parseHalt } from '../features/halts/Halt'
import { Keys } from '../features/keys/Keys'
import { LookChoice } from '../features/look/Look'
import { type Movers, parseMovers } from '../features/movers/Movers'
import { type Headline, parseHeadline } from '../features/news/Headline'
import { WatchList } from '../features/prices/WatchList'
import { type Print, parsePrint } from '../features/prints/Print'
import type { SoundDesk } from '../features/sound/SoundDesk'
import { StatusStore } from '../features/status/StatusStore'
import { NetFlow } from '../features/tide/NetFlow'
import { SessionTide } from '../features/tide/SessionTide'
import type { Readable } from '../stream/Cell'
import { EventList } from '../stream/EventList'
import { FeedStates } from '../stream/FeedStates'
import { KeptData } from '../stream/KeptData'
import { KeptEntries } from '../stream/KeptEntries'
import { PageLink } from '../stream/Link'
import { Remembered } from '../stream/Remembered'
import { SecondsClock } from '../stream/SecondsClock'
import { ServerClock } from '../stream/ServerClock'
import { TidewireChannels } from '../stream/TidewireChannels'
import { Toasts } from '../ui/Toasts'
import { commandsOf } from './commands'
import { readAlong } from './heard'
import { type PaneKey, type PanelKey, Panes, type SlotKey, Slots } from './panes'
import { openSound } from './sound'

/** How many rows the tape begins with. */
export const AskedRows = 100

/** Everything that lives outside of React, made once. */
export interface Desk {
  readonly link: PageLink
  readonly status: StatusStore
  readonly tape: FlowTape
  readonly watchList: WatchList
  readonly gamma: GammaBoard
  readonly prints: EventList<Print>
  readonly news: EventList<Headline>
  readonly movers: EventList<Movers>
  readonly filings: EventList<Filing>
  readonly feeds: FeedStates
  /** The names of the channels that the page reads. */
  readonly read: Readable<readonly string[]>
  readonly clock: SecondsClock
  readonly look: LookChoice
  readonly tide: SessionTide
  readonly netFlow: NetFlow
  readonly halts: EventList<Halt>
  readonly keys: Keys
  readonly sound: SoundDesk
  readonly toasts: Toasts
  /** The pane that is shown where there is room for one. */
  readonly shown: Remembered<PaneKey>
  /** Whether the reader wants the feeds that are on trial. */
  readonly wantsTrial: Remembered<boolean>
  /** The panel that is shown in each pane whose panels take turns. */
  readonly slots: { readonly [S in SlotKey]: Remembered<PanelKey> }
}

/** Makes the stores, connects them to the server the page came from, and starts them. */
export function openDesk(): Desk {
  const serverClock = new ServerClock()
  // One connection for all tabs, in a worker that also parses. Its round trip is on the page, so it is measured often.
  const client = new TidewireClient({ heartbeatInterval: 10_000 })
  const kept = new KeptData()
  const channels = new TidewireChannels(client, new KeptEntries(kept))
  const link = new PageLink(client)
  const tape = new FlowTape({ now: serverClock.now })
  const status = new StatusStore(
    {
      ask: signal => ask('/api/stream/status', signal),
      kept: { get: () => kept.get('status'), put: value => void kept.put('status', value) },
    },
    link,
    serverClock,
  )

  const isAlwaysOpen = (): boolean => status.get().status?.simulated === true
  const tide = new SessionTide({ now: serverClock.now, isAlwaysOpen })
  tide.open(channels)
  status.start()
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) status.stop()
    else {
      status.start()
      link.retryNow()
    }
  })
  const watchList = new WatchList({ channels, now: serverClock.now })
  const sound = openSound(watchList)
  channels.subscribe('flow-alerts', AskedRows, readAlong(tape, sound, tide))
  const parts = {
    link,
    read: channels.read,
    status,
    tape,
    tide,
    watchList,
    sound,
    toasts: new Toasts(),
    look: new LookChoice(document.documentElement, matchMedia('(prefers-contrast: more)').matches),
    netFlow: new NetFlow({ channels, now: serverClock.now, isAlwaysOpen }),
    gamma: new GammaBoard({ channels }),
    halts: new EventList({
      channels,
      channel: 'trading_halts',
      history: 100,
      capacity: 200,
      parse: parseHalt,
    }),
    prints: new EventList({
      channels,
      channel: 'off_lit_trades',
      history: 60,
      capacity: 120,
      parse: parsePrint,
    }),
    news: new EventList({
      channels,
      channel: 'news',
      history: 60,
      capacity: 200,
      parse: parseHeadline,
      orderOf: ({ publishedAt }, receivedAt) => publishedAt ?? receivedAt,
    }),
    movers: new EventList({
      channels,
      channel: 'market_movers',
      history: 1,
      capacity: 20,
      parse: parseMovers,
    }),
    filings: new EventList({
      channels,
      channel: 'congress_trades',
      history: 200,
      capacity: 300,
      parse: parseFiling,
      orderOf: filingOrder,
    }),
    feeds: new FeedStates({ ask: signal => ask('/api/stream/channels', signal) }),
    clock: new SecondsClock(serverClock.now),
    shown: new Remembered<PaneKey>(
      'tidewire.pane',
      kept => Panes.find(({ key }) => key === kept)?.key ?? 'flow',
    ),
    wantsTrial: new Remembered('tidewire.experimental', kept => kept === true),
    slots: { prints: slot('prints'), news: slot('news'), tide: slot('tide') },
  }
  return { ...parts, keys: new Keys({ commands: commandsOf(parts) }) }
}

function slot(key: SlotKey): Remembered<PanelKey> {
  const panels: readonly { readonly key: PanelKey }[] = Slots[key]
  return new Remembered<PanelKey>(
    `tidewire.slot-${key}`,
    kept => panels.find(panel => panel.key === kept)?.key ?? Slots[key][0].key,
  )
}

async function ask(path: string, signal: AbortSignal): Promise<unknown> {
  const answer = await fetch(path, { signal, cache: 'no-store' })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
  return answer.json()
}
