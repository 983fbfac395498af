import { FlowTape } from '../features/flow/FlowTape'
import { StatusStore } from '../features/status/StatusStore'
import { SecondsClock } from '../stream/SecondsClock'
import { ServerClock } from '../stream/ServerClock'
import { StreamClient } from '../stream/StreamClient'
import { ThemeChoice } from './theme'

/** How many rows the tape begins with. */
export const AskedRows = 100

/** Everything that lives outside of React, made once. */
export interface Desk {
  readonly stream: StreamClient
  readonly status: StatusStore
  readonly tape: FlowTape
  readonly clock: SecondsClock
  readonly theme: ThemeChoice
}

/** Makes the stores, connects them to the server the page came from, and starts them. */
export function openDesk(): Desk {
  const serverClock = new ServerClock()
  const socketUrl = new URL('/api/ws', location.href)
  socketUrl.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
  const stream = new StreamClient({ open: () => new WebSocket(socketUrl), clock: serverClock })
  const tape = new FlowTape({ now: serverClock.now })
  const status = new StatusStore({ ask: askStatus }, stream.link, serverClock)

  stream.subscribe('flow-alerts', AskedRows, tape)
  stream.start()
  status.start()
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) status.stop()
    else {
      status.start()
      stream.retryNow()
    }
  })
  addEventListener('online', () => stream.retryNow())
  return {
    stream,
    status,
    tape,
    clock: new SecondsClock(serverClock.now),
    theme: new ThemeChoice(document.documentElement),
  }
}

async function askStatus(signal: AbortSignal): Promise<unknown> {
  const answer = await fetch('/api/stream/status', { signal, cache: 'no-store' })
  if (!answer.ok) throw new Error(`status answered ${answer.status}`)
  return answer.json()
}
