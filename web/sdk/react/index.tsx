import type {
  ConnectionState,
  StreamEvent,
  SubscribeOptions,
  TidewireClient,
  TidewireError,
} from '@tidewire/sdk'
import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from 'react'
import { FrameStore } from './FrameStore'

const Context = createContext<TidewireClient | null>(null)

/** Gives the client to the hooks below it. The client is yours: make it once, outside of rendering. */
export function TidewireProvider(props: { client: TidewireClient; children?: ReactNode }): ReactNode {
  return <Context.Provider value={props.client}>{props.children}</Context.Provider>
}

/** The client of the nearest {@link TidewireProvider}. */
export function useTidewire(): TidewireClient {
  const client = useContext(Context)
  if (client === null)
    throw new Error('A hook of @tidewire/sdk/react needs a <TidewireProvider client={…}> above it.')
  return client
}

/** What the connection is doing. */
export function useConnection(): ConnectionState {
  const client = useTidewire()
  return useSyncExternalStore(
    useMemo(() => (changed: () => void) => client.on('state', changed), [client]),
    () => client.state,
    () => client.state,
  )
}

/** What of a channel a component shows. */
export interface StreamOptions extends Omit<SubscribeOptions, 'since' | 'key'> {
  /** So many events are kept, newest last. Default 100. */
  limit?: number
}

/** A channel as a component sees it. */
export interface StreamView<T> {
  /** The newest events: publications, gaps and what else happens to the subscription. */
  readonly events: readonly StreamEvent<T>[]
  readonly error: TidewireError | null
}

/** The newest events of a channel; null reads none. Renders at most once a frame. */
export function useStream<T = unknown>(channel: string | null, options: StreamOptions = {}): StreamView<T> {
  const client = useTidewire()
  const { filter, history, maxRate, limit = 100 } = options
  const store = useMemo(() => new FrameStore<T>(limit), [limit])
  useEffect(() => {
    if (channel === null) return
    const subscription = client.subscribe<T>(
      channel,
      {
        ...(filter !== undefined && { filter }),
        ...(history !== undefined && { history }),
        ...(maxRate !== undefined && { maxRate }),
      },
      event => store.add(event),
    )
    subscription.on('error', error => store.fail(error))
    return () => {
      subscription.unsubscribe()
      store.clear()
    }
  }, [client, store, channel, filter, history, maxRate])
  return useSyncExternalStore(store.subscribe, store.get, store.get)
}

/** The payloads of a channel, newest last, and whether they still come. */
export function useStreamingData<T = unknown>(
  channel: string | null,
  options: StreamOptions = {},
): { data: readonly T[]; latest: T | null; isConnected: boolean; error: TidewireError | null } {
  const { events, error } = useStream<T>(channel, options)
  const isConnected = useConnection().state === 'connected'
  return useMemo(() => {
    const data = events.flatMap(event => (event.type === 'publication' ? [event.data] : []))
    return { data, latest: data.at(-1) ?? null, isConnected, error }
  }, [events, error, isConnected])
}

/** The last publication of a channel, and whether the connection stands. */
export function useWebSocket<T = unknown>(
  channel: string | null,
  options: StreamOptions = {},
): { isConnected: boolean; lastMessage: T | null; error: TidewireError | null } {
  const { latest, isConnected, error } = useStreamingData<T>(channel, options)
  return { isConnected, lastMessage: latest, error }
}
