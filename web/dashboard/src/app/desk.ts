import { TidewireClient } from '@tidewire/sdk'
import { type Filing, filingOrder, parseFiling } from '../features/congress/Filing'
import { FlowTape } from '../features/flow/FlowTape'
import { GammaBoard } from '../features/gamma/GammaBoard'
import { type Movers, parseMovers } from '../features/movers/Movers'
import { type Headline, parseHeadline } from '../features/news/Headline'
import { WatchList } from '../features/prices/WatchList'
import { type Print, parsePrint } from '../features/prints/Print'
import { StatusStore } from '../features/status/StatusStore'
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
import { type PaneKey, Panes, type TrialKey } from './panes'
import { ThemeChoice } from './theme'

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
  readonly theme: ThemeChoice
  /** The pane that is shown where there is room for one. */
  readonly shown: Remembered<PaneKey>
  /** Whether the reader wants the feeds that are on trial. */
  readonly wantsTrial: Remembered<boolean>
  readonly trial: Remembered<TrialKey>
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

  channels.subscribe('flow-alerts', AskedRows, tape)
  status.start()
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) status.stop()
    else {
      status.start()
      link.retryNow()
    }
  })
  return {
    link,
    read: channels.read,
    status,
    tape,
    watchList: new WatchList({ channels, now: serverClock.now }),
    gamma: new GammaBoard({ channels }),
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
    theme: new ThemeChoice(document.documentElement),
    shown: new Remembered<PaneKey>(
      'tidewire.pane',
      kept => Panes.find(({ key }) => key === kept)?.key ?? 'flow',
    ),
    wantsTrial: new Remembered('tidewire.experimental', kept => kept === true),
    trial: new Remembered<TrialKey>('tidewire.experimental-pane', kept =>
      kept === 'congress' ? 'congress' : 'movers',
    ),
  }
}

async function ask(path: string, signal: AbortSignal): Promise<unknown> {
  const answer = await fetch(path, { signal, cache: 'no-store' })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
  return answer.json()
}
