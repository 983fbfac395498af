import type { TabPort } from './messages'
import { TabHub } from './TabHub'

/** Finds the hub that holds the connection. Each time there is another one its port is handed over. */
export type FindHub = (name: string, found: (port: TabPort) => void, failed: () => void) => () => void

/** The hub in a shared worker. A worker that does not answer is as good as none. */
export const sharedWorkerHub: FindHub = (name, found, failed) => {
  // Written out, so that a bundler sees that there is a file to take along.
  const worker = new SharedWorker(new URL('./worker.js', import.meta.url), { type: 'module', name })
  worker.onerror = () => failed()
  found(worker.port)
  return () => worker.port.close()
}

interface Announcement {
  /** A hub has been elected. */
  readonly isElected?: true
  /** A tab has come. */
  readonly tab?: string
}

/**
 * The hub in one of the tabs: the one that holds a lock. When it goes, the browser gives the lock to the next, which
 * says so; the others then go on with it. Each tab has a channel of its own, so that it hears only what is meant for it.
 */
export const electedHub: FindHub = (name, found) => {
  const tab = `${Math.random().toString(36).slice(2)}${Date.now().toString(36)}`
  const announcements = new BroadcastChannel(name)
  const ended = new AbortController()
  let port: TabPort | null = null
  let hub: TabHub | null = null
  const ports = new Map<string, TabPort>()
  const follow = (): void => {
    port?.close()
    port = new BroadcastChannel(`${name}:${tab}`)
    found(port)
    announcements.postMessage({ tab } satisfies Announcement)
  }
  announcements.onmessage = ({ data }) => {
    const { isElected, tab: other } = data as Announcement
    if (isElected) follow()
    if (hub === null || other === undefined) return
    const former = ports.get(other)
    if (former !== undefined) hub.remove(former)
    const theirs = new BroadcastChannel(`${name}:${other}`)
    ports.set(other, theirs)
    hub.add(theirs)
  }
  const lead = async (): Promise<void> => {
    if (ended.signal.aborted) return
    hub = new TabHub()
    port?.close()
    const { port1, port2 } = new MessageChannel()
    port = port1
    found(port1)
    hub.add(port2)
    announcements.postMessage({ isElected: true } satisfies Announcement)
    await new Promise(resolve => ended.signal.addEventListener('abort', resolve))
    hub.close()
    for (const theirs of ports.values()) theirs.close()
  }
  follow()
  navigator.locks.request(name, { signal: ended.signal }, lead).catch((error: unknown) => {
    if (!ended.signal.aborted) throw error
  })
  return () => {
    ended.abort()
    port?.close()
    announcements.close()
  }
}

/** The hub in this tab, for it alone. */
export const ownHub: FindHub = (_name, found) => {
  const hub = new TabHub()
  const { port1, port2 } = new MessageChannel()
  found(port1)
  hub.add(port2)
  return () => {
    hub.close()
    port1.close()
  }
}
