import { LocalFault, TidewireError } from './TidewireError'
import type { TokenSource } from './Token'

/** A way of speaking to the server, best first. */
export type WireKind = 'websocket' | 'sse' | 'poll'

/** What of a WebSocket is used. */
export type Socket = Pick<WebSocket, 'onopen' | 'onmessage' | 'onclose' | 'onerror' | 'send' | 'close'>

/** Makes a {@link Socket}. */
export type SocketConstructor = new (url: string, protocols?: string[]) => Socket

/** Options of a client. All may be left out; in a page even the URL is known. */
export interface TidewireOptions {
  /** Where the server is, `http://` or `ws://`. In a page: where the page came from. */
  url?: string
  /** The token, or a function that gets one and is asked again when it has expired. Default none. */
  token?: TokenSource | undefined
  /** The bound of the second retry, ms. The first comes within 400 ms. Default 1000. */
  reconnectDelay?: number
  /** The bound of all retries, ms. Default 30 000. */
  maxReconnectDelay?: number
  /** By how much the bound grows with each retry. Default 1.5. */
  reconnectBackoffMultiplier?: number
  /** A ping is sent when nothing came for so long, ms. Default 30 000. */
  heartbeatInterval?: number
  /** The answer to a ping is due within so long, ms. Default 5000. */
  heartbeatTimeout?: number
  /** How often a second a state feed is shown at most, unless a subscription says otherwise. Default: as the server does, 10. */
  maxMessagesPerSecond?: number | undefined
  /** How long updates of elements are gathered before they are shown together, ms, 16 to 1000. Default 100. */
  batchUpdateDelay?: number
  /** Entries that wait for a consumer at most, for each subscription. Default 1000. */
  maxQueueSize?: number
  /** The wires to use, in this order. Default websocket, sse, poll. */
  wires?: readonly WireKind[]
  /** How long a wire may take to show that it works, ms. Default 8000. */
  connectTimeout?: number
  /** After so long on a lesser wire a better one is tried; each time twice as long, up to ten times. ms, default 30 000. */
  upgradeInterval?: number
  /** Keep positions over reloads of the page: in the tab's `session` storage or the browser's `local` one. Default not. */
  keepPositions?: 'session' | 'local' | false
  /** `shared`: one connection for all tabs of this origin. `own`: one for this client. Default `shared` in a page. */
  tabs?: 'shared' | 'own'
  /** The constructor of WebSockets. Default the platform's. With one of your own the connection is not shared. */
  WebSocket?: SocketConstructor | undefined
  /** `fetch`. Default the platform's. With one of your own the connection is not shared. */
  fetch?: typeof fetch
  /** Where chance comes from. Default Math.random. */
  random?: () => number
}

/** The options with everything filled in. */
export type Settings = Required<Omit<TidewireOptions, 'token' | 'maxMessagesPerSecond' | 'WebSocket'>> &
  Pick<TidewireOptions, 'token' | 'maxMessagesPerSecond' | 'WebSocket'>

/** Options that another thread can be handed. */
export type PlainSettings = Omit<Settings, 'token' | 'WebSocket' | 'fetch' | 'random'>

const allWires: readonly WireKind[] = ['websocket', 'sse', 'poll']

const Day = 86_400_000

/** Of each number: its default, the least and the most that it may be, where that is not 1 and a day in ms. */
const numbers = {
  reconnectDelay: [1000],
  maxReconnectDelay: [30_000],
  reconnectBackoffMultiplier: [1.5],
  heartbeatInterval: [30_000],
  heartbeatTimeout: [5000],
  batchUpdateDelay: [100, 16, 1000],
  maxQueueSize: [1000],
  connectTimeout: [8000],
  upgradeInterval: [30_000],
  maxMessagesPerSecond: [undefined, 0],
} satisfies Record<string, Range>

type Range = readonly [otherwise: number | undefined, least?: number, most?: number]

type Numbers = Required<Pick<TidewireOptions, keyof typeof numbers>>

/** Fills in what was left out, and says which option cannot be used. */
export function settingsOf(options: TidewireOptions): Settings {
  const chosen: Record<string, number | undefined> = {}
  for (const [name, [otherwise, least = 1, most = Day]] of Object.entries<Range>(numbers)) {
    const value = options[name as keyof Numbers] ?? otherwise
    if (value !== undefined && !(value >= least && value <= most))
      throw wrong(`The option ${name} must be a number from ${least} to ${most}, not ${String(value)}.`)
    chosen[name] = value
  }
  const {
    wires = allWires,
    token,
    keepPositions = false,
    tabs,
    WebSocket,
    fetch,
    random = Math.random,
  } = options
  if (wires.length === 0 || wires.some(wire => !allWires.includes(wire)))
    throw wrong(`The option wires must list at least one of ${allWires.join(', ')}.`)
  const canShare = typeof document !== 'undefined' && WebSocket === undefined && fetch === undefined
  return {
    ...(chosen as Numbers),
    url: baseUrl(options.url),
    token,
    wires,
    keepPositions,
    tabs: canShare && tabs !== 'own' ? 'shared' : 'own',
    WebSocket: WebSocket ?? globalThis.WebSocket,
    // A page's fetch must be called as its own.
    fetch: fetch ?? ((...of) => globalThis.fetch(...of)),
    random,
  }
}

/** Without a path's end; `ws` becomes `http`, from which each wire makes its own. */
function baseUrl(given: string | undefined): string {
  const text = given ?? (globalThis.location?.protocol.startsWith('http') ? globalThis.location.origin : '')
  // No user, no password, no query.
  if (!/^(http|ws)s?:\/\/[^?@]+$/.test(text))
    throw wrong('The option url must name the server alone, such as http://127.0.0.1:8000.')
  const url = new URL(text.replace(/^ws/, 'http'))
  return url.origin + url.pathname.replace(/\/+$/, '')
}

function wrong(message: string): TidewireError {
  return new TidewireError(LocalFault, message)
}
