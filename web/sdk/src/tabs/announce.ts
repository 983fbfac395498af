import { type Announcement, type TabPort, tabChannel } from './messages'
import type { TabHub } from './TabHub'

/** Tells the tabs of an elected hub, and takes in those that come. */
export function announce(hub: TabHub, name: string): void {
  const announcements = new BroadcastChannel(name)
  const ports = new Map<string, TabPort>()
  announcements.onmessage = ({ data }) => {
    const { tab } = data as Announcement
    if (tab === undefined) return
    const former = ports.get(tab)
    if (former !== undefined) hub.remove(former)
    const port = new BroadcastChannel(tabChannel(name, tab))
    ports.set(tab, port)
    hub.add(port)
  }
  announcements.postMessage({ isElected: true } satisfies Announcement)
}
