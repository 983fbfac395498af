import type { ConnectionState } from '../ConnectionState'
import type { Advance, StreamEvent } from '../events'
import type { PlainSettings } from '../Settings'
import type { SubscribeOptions } from '../Subscription'

/** What of a MessagePort or a BroadcastChannel is used. */
export interface TabPort {
  onmessage: ((event: MessageEvent) => void) | null
  postMessage(message: unknown): void
  close(): void
}

/** What a tab says to the hub that holds the connection. */
export type TabMessage =
  /** The first. `token` is null when there is none, or when it is asked for with `token?`. */
  | {
      readonly t: 'hello'
      readonly settings: PlainSettings
      readonly token: string | null
      readonly canRenew: boolean
    }
  | {
      readonly t: 'sub'
      readonly id: number
      readonly channel: string
      readonly options: Omit<SubscribeOptions, 'key'>
    }
  | { readonly t: 'unsub'; readonly id: number }
  /** The consumer took so many events: as many more may be sent. */
  | { readonly t: 'ack'; readonly id: number; readonly count: number }
  | { readonly t: 'token'; readonly token: string | null }
  | { readonly t: 'beat' | 'retry' | 'logout' | 'bye' }

/** What the hub says to a tab. */
export type HubMessage =
  /** Say hello: the hub is new, or knows nothing of this tab (any more). */
  | { readonly t: 'ready' }
  | { readonly t: 'state'; readonly state: ConnectionState }
  | { readonly t: 'events'; readonly id: number; readonly events: readonly (StreamEvent | Advance)[] }
  /** Of a subscription; or, without an id, of the connection. `isFinal`: it has ended. */
  | {
      readonly t: 'error'
      readonly id: number | null
      readonly code: number
      readonly message: string
      readonly isFinal: boolean
    }
  | { readonly t: 'token?' | 'logout' }
  | { readonly t: 'beat'; readonly figures: Figures }

/** What the connection has measured. */
export interface Figures {
  readonly roundTripMs: number | null
  readonly clockSkewMs: number | null
  readonly duplicates: number
  /** Of the connection since it was shared: messages to the server, and how often it came back. */
  readonly sent: number
  readonly reconnects: number
}

/** What is said to all tabs where there is no shared worker. */
export interface Announcement {
  /** A hub has been elected: say that you are there. */
  readonly isElected?: true
  /** A tab is there; its messages are on a channel of its own. */
  readonly tab?: string
}

/** The name of a tab's own channel. */
export function tabChannel(name: string, tab: string): string {
  return `${name} ${tab}`
}
