import type { ConnectionState, Stats, TidewireClient } from '@tidewire/sdk'
import { Cell, type Readable } from './Cell'

/** The page's connection to the server. */
export interface Link extends ConnectionState {
  /** Whether it has been connected since the page was loaded. */
  readonly wasConnected: boolean
  /** What ended it for good, in the server's words, while it is closed. */
  readonly fault: string | null
}

/** What is told of the page's connection, and what can be done about it. */
export class PageLink implements Readable<Link> {
  readonly #client: TidewireClient
  readonly #cell: Cell<Link>

  constructor(client: TidewireClient) {
    this.#client = client
    this.#cell = new Cell<Link>({ ...client.state, wasConnected: false, fault: null })
    client.on('state', state => {
      const { wasConnected, fault } = this.#cell.get()
      this.#cell.set({
        ...state,
        wasConnected: wasConnected || state.state === 'connected',
        fault: state.state === 'closed' ? fault : null,
      })
    })
    client.on('error', ({ message }) => {
      const link = this.#cell.get()
      if (link.state === 'closed') this.#cell.set({ ...link, fault: message })
    })
  }

  readonly get = (): Link => this.#cell.get()

  readonly subscribe = (reader: () => void): (() => void) => this.#cell.subscribe(reader)

  /** Figures of the connection since the page was loaded. */
  readonly stats = (): Stats => this.#client.getStats()

  /** Does not wait for the next attempt, and connects again after an end for good. */
  readonly retryNow = (): void => this.#client.connect()
}
