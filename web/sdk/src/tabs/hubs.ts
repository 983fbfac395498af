import { type Announcement, type TabPort, tabChannel } from './messages'

/**
 * Finds the hub that holds the connection. Each time there is another one its port is handed over. `failed` is told when
 * there will be none. The result lets go of it.
 */
export type FindHub = (name: string, found: (port: TabPort) => void, failed: () => void) => () => void

/** The hub in a shared worker. */
export const sharedWorkerHub: FindHub = (name, found, failed) => {
  // Written out, so that a bundler sees that there is a file to take along.
  const worker = new SharedWorker(new URL('./worker.js', import.meta.url), { type: 'module', name })
  worker.onerror = failed
  found(worker.port)
  return () => worker.port.close()
}

/**
 * The hub in a worker of one of the tabs: the one that holds a lock. When that tab goes, the browser gives the lock to the
 * next, whose hub says so; all tabs then go on with it. Each tab has a channel of its own, so that it hears only what is
 * meant for it.
 */
export const electedHub: FindHub = (name, found, failed) => {
  const tab = crypto.randomUUID()
  const announcements = new BroadcastChannel(name)
  const ended = new AbortController()
  let port: TabPort | null = null
  const follow = (): void => {
    port?.close()
    port = new BroadcastChannel(tabChannel(name, tab))
    found(port)
    announcements.postMessage({ tab } satisfies Announcement)
  }
  announcements.onmessage = ({ data }) => {
    if ((data as Announcement).isElected) follow()
  }
  const lead = async (): Promise<void> => {
    if (ended.signal.aborted) return
    const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name })
    worker.onerror = failed
    worker.postMessage(name)
    await new Promise(resolve => ended.signal.addEventListener('abort', resolve))
    worker.terminate()
  }
  follow()
  navigator.locks.request(name, { signal: ended.signal }, lead).catch(() => {
    if (!ended.signal.aborted) failed()
  })
  return () => {
    ended.abort()
    port?.close()
    announcements.close()
  }
}
