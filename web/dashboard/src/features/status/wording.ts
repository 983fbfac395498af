import { duration, grouped, Missing, Thin } from '../../ui/figures'
import { marketClock } from '../../ui/marketTime'
import type { RequestBudget, UpstreamState } from './ServerStatus'
import type { Condition, StatusView } from './StatusStore'

/** The pill's words: a strong one, what a wide screen adds to it, what follows, and the sentence for its title. */
export interface PillWords {
  readonly word: string
  readonly wide: string
  readonly more: string
  readonly title: string
}

const Titles: Record<Condition, string> = {
  live: 'LIVE - Connected to UW WebSocket',
  demo: 'DEMO - Simulated market',
  connecting: 'CONNECTING...',
  reconnecting: 'RECONNECTING...',
  offline: 'OFFLINE - Using cached data',
  not_entitled: 'NOT ENTITLED - The provider refused this token',
  disabled: 'STREAMING DISABLED',
  refused: 'REFUSED - The server does not serve this page',
}

/** What the pill says at `now`, on the server's clock, when `silent` of the channels that the page reads bring nothing. */
export function pillWords(view: StatusView, now: number, { silent, of } = { silent: 0, of: 0 }): PillWords {
  const title = Titles[view.condition]
  switch (view.condition) {
    case 'live': {
      const { roundTripMs: roundTrip } = view.stats
      return {
        word: 'LIVE',
        wide: '',
        more:
          silent > 0 ? `${silent} of ${of} feeds silent` : roundTrip === null ? '' : milliseconds(roundTrip),
        title,
      }
    }
    case 'demo':
      return { word: 'DEMO', wide: '', more: 'simulated market', title }
    case 'connecting':
      return view.attempt < 1
        ? { word: 'CONNECTING…', wide: '', more: 'first try', title }
        : {
            word: 'CONNECTING…',
            wide: `attempt ${view.attempt},`,
            more: untilWords(view.nextAttemptAt, now),
            title,
          }
    case 'reconnecting':
      return view.attempt < 1
        ? { word: 'RECONNECTING…', wide: '', more: '', title }
        : {
            word: 'RECONNECTING…',
            wide: `attempt ${view.attempt},`,
            more: untilWords(view.nextAttemptAt, now),
            title,
          }
    case 'offline':
      return view.since === null
        ? { word: 'OFFLINE', wide: '', more: 'no data yet', title: 'OFFLINE - No data yet' }
        : { word: 'OFFLINE', wide: '· cached data', more: `${duration(now - view.since)} old`, title }
    case 'not_entitled':
      return { word: 'NOT ENTITLED', wide: '', more: '', title }
    case 'disabled':
      return { word: 'STREAMING DISABLED', wide: '', more: '', title }
    case 'refused':
      return { word: 'REFUSED', wide: '', more: '', title }
    default:
      return view.condition satisfies never
  }
}

/** `attempt 3, next in 4 s`, or null while it is the first. */
function attemptWords({ attempt, nextAttemptAt }: StatusView, now: number): string | null {
  if (attempt < 1) return null
  return `attempt ${attempt}, ${untilWords(nextAttemptAt, now)}`
}

function untilWords(at: number | null, now: number): string {
  const left = at === null ? 0 : at - now
  return left <= 0 ? 'trying now' : `next in ${duration(left + 999)}`
}

/** A notice under the title bar: what is the matter, what follows from it. Parts in `code` are set as such. */
export interface NoticeWords {
  readonly tone: 'brass' | 'bad'
  readonly icon: 'clock' | 'warn' | 'flag'
  readonly subject: string
  readonly body: string
  readonly code: string | null
  /** Whether trying again at once is in this page's power. */
  readonly canRetry: boolean
}

/** The notice of a condition, or null when there is nothing to say. */
export function noticeWords(view: StatusView): NoticeWords | null {
  switch (view.condition) {
    case 'demo':
      return {
        tone: 'brass',
        icon: 'flag',
        subject: 'Simulated market.',
        body: 'Nothing here was traded. To see the real one, start with',
        code: 'UW_API_TOKEN=… ./run.sh',
        canRetry: false,
      }
    case 'reconnecting':
      return {
        tone: 'brass',
        icon: 'clock',
        subject: view.since === null ? 'Connection lost.' : `Connection lost at ${marketClock(view.since)}.`,
        body: 'Rows missed meanwhile are fetched on return; anything that cannot be fetched is marked as a gap.',
        code: null,
        canRetry: view.link.state === 'offline',
      }
    case 'offline':
      return view.since === null
        ? {
            tone: 'bad',
            icon: 'warn',
            subject: 'The server does not answer.',
            body: 'There is no cached data yet. The page keeps trying.',
            code: null,
            canRetry: true,
          }
        : {
            tone: 'bad',
            icon: 'warn',
            subject: `The server does not answer since ${marketClock(view.since)}.`,
            body: 'You see cached data. It does not change until the connection is back.',
            code: null,
            canRetry: true,
          }
    case 'not_entitled':
      return {
        tone: 'bad',
        icon: 'warn',
        subject: `The provider refused this token${refusalWords(view)}.`,
        body:
          view.nextAttemptAt === null
            ? 'No new rows until it is accepted. Tidewire keeps asking.'
            : `No new rows until it is accepted. Tidewire asks again at ${marketClock(view.nextAttemptAt)}.`,
        code: null,
        canRetry: false,
      }
    case 'disabled':
      return {
        tone: 'brass',
        icon: 'flag',
        subject: 'Streaming is disabled.',
        body: 'The server was started without an upstream, so no row will arrive. To receive them, start with',
        code: 'TIDEWIRE_UPSTREAM=auto ./run.sh',
        canRetry: false,
      }
    case 'refused':
      return {
        tone: 'bad',
        icon: 'warn',
        subject: 'The server does not serve this page.',
        body: view.link.fault ?? '',
        code: null,
        canRetry: true,
      }
    case 'live':
    case 'connecting':
      return null
    default:
      return view.condition satisfies never
  }
}

/** ` at 14:02:11 with 401`, as far as it is known. A session that was open is refused with 4401 or 4403. */
function refusalWords({ since, status }: StatusView): string {
  const code = /\b4?40[13]\b/.exec(`${status?.upstream.reason ?? ''} ${status?.message ?? ''}`)?.[0]
  return `${since === null ? '' : ` at ${marketClock(since)}`}${code === undefined ? '' : ` with ${code}`}`
}

/** Why there can be no rows, in place of them; null while they may still come. */
export function emptyWords(condition: Condition): { title: string; body: string } | null {
  switch (condition) {
    case 'offline':
      return {
        title: 'No rows yet',
        body: 'The server does not answer. Rows appear here as soon as it does.',
      }
    case 'not_entitled':
      return { title: 'No rows', body: 'The provider refused the token, so nothing has been received yet.' }
    case 'disabled':
      return { title: 'No rows', body: 'Streaming is disabled on this server.' }
    case 'refused':
      return { title: 'No rows', body: 'The server does not serve this page.' }
    case 'reconnecting':
      return { title: 'No rows yet', body: 'The connection is down. Rows appear here as soon as it is back.' }
    case 'live':
    case 'demo':
    case 'connecting':
      return null
    default:
      return condition satisfies never
  }
}

/** One line of the popover: what, and its value. */
export type Fact = readonly [name: string, value: string]

/** Everything known about both connections, for the popover. What is unknown is left out or a dash. */
export function facts(view: StatusView, now: number): readonly Fact[] {
  const { status, stats } = view
  const upstream = status?.upstream
  const list: Fact[] = [
    ['Upstream', status === null ? Missing : upstreamWords(status.state)],
    ['Since', view.since === null ? Missing : `${marketClock(view.since)} ET, ${duration(now - view.since)}`],
  ]
  // While all is well, how the last session ended is history.
  if (view.condition !== 'live' && view.condition !== 'demo') {
    const attempts = attemptWords(view, now)
    if (attempts !== null) list.push(['Attempt', attempts])
    if (upstream?.reason != null) list.push(['Reason', upstream.reason])
  }
  list.push(
    ['Channels', upstream === undefined ? Missing : channelWords(upstream.channels)],
    ['Last frame', upstream?.lastFrameAt == null ? Missing : `${duration(now - upstream.lastFrameAt)} ago`],
    ['This page', linkWords(view, now)],
    ['Round trip', milliseconds(stats.roundTripMs)],
    ['Lag, server to here', milliseconds(stats.lagMs)],
    ['REST requests', budgetWords(status?.budget ?? null)],
    ['Clients', status?.totalClients == null ? Missing : String(status.totalClients)],
    [
      'Data',
      status === null ? Missing : status.simulated || status.state === 'simulated' ? 'simulated' : 'real',
    ],
    ['Server', status?.version == null ? Missing : `Tidewire ${status.version}`],
  )
  return list
}

function upstreamWords(state: UpstreamState): string {
  return state === 'simulated' ? 'simulated market' : state.replaceAll('_', ' ')
}

/** `412 of 15,000 today, 3 of 120 this minute`. */
function budgetWords(budget: RequestBudget | null): string {
  if (budget === null) return 'none are made'
  const { used, limit, minuteUsed, minuteLimit } = budget
  const minute =
    minuteUsed === null || minuteLimit === null ? '' : `, ${minuteUsed} of ${minuteLimit} this minute`
  return `${grouped(used)} of ${grouped(limit)} today${minute}`
}

function channelWords(channels: readonly string[]): string {
  return channels.length === 0 ? 'none joined' : channels.join(', ')
}

const Wires = { websocket: 'WebSocket', sse: 'event streams', poll: 'polling' } as const

export function milliseconds(time: number | null): string {
  return time === null ? Missing : `${Math.round(time)}${Thin}ms`
}

function linkWords({ link, nextAttemptAt, condition }: StatusView, now: number): string {
  if (link.state === 'connected') return `connected, ${Wires[link.wire ?? 'websocket']}`
  if (link.state === 'closed') return 'ended'
  if (link.state !== 'offline') return link.state
  return condition === 'offline' ? untilWords(nextAttemptAt, now) : 'reconnecting'
}
