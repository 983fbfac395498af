import { Connecting, type ConnectionState } from '../ConnectionState'
import { OwnSource } from '../OwnSource'
import type { PlainSettings, Settings } from '../Settings'
import { Tally } from '../Tally'
import { LocalFault, TidewireError } from '../TidewireError'
import { Token } from '../Token'
import type { HubMessage, TabMessage, TabPort } from './messages'
import { Tab } from './Tab'

/** A tab that said nothing for so long is gone. A hidden one may be let speak once a minute only. */
const DeadAfter = 150_000
const LookEvery = 10_000
/** A tab answers within this time when it is asked for a token. */
const TokenWithin = 10_000

/** Holds the one connection for all tabs of an identity. Lives in a shared worker, or in the tab that was elected. */
export class TabHub {
  readonly #tabs = new Set<Tab>()
  readonly #tally = new Tally()
  #source: OwnSource | null = null
  #state: ConnectionState = Connecting
  #given: string | null = null
  #answer: ((token: string | null) => void) | null = null

  constructor() {
    this.#tally.onMeasured = () => this.#tell(this.#figures())
    setInterval(() => {
      for (const tab of this.#tabs) if (performance.now() - tab.heardAt > DeadAfter) this.#drop(tab)
    }, LookEvery)
  }

  /** A tab has come. */
  add(port: TabPort): void {
    const tab = new Tab(port)
    port.onmessage = ({ data }) => this.#receive(tab, data as TabMessage)
    tab.post({ t: 'ready' })
  }

  /** The tab behind a port is gone, or comes again with another. */
  remove(port: TabPort): void {
    for (const tab of this.#tabs) if (tab.port === port) this.#drop(tab)
    port.close()
  }

  #receive(tab: Tab, message: TabMessage): void {
    tab.heardAt = performance.now()
    if (message.t === 'hello') {
      this.#welcome(tab, message)
      return
    }
    const source = this.#source
    if (source === null || !this.#tabs.has(tab)) {
      // It was taken for dead, and woke up: it says hello again and goes on where it was.
      if (message.t !== 'bye') tab.post({ t: 'ready' })
      return
    }
    switch (message.t) {
      case 'sub':
        tab.subscribe(message, source)
        return
      case 'unsub':
        tab.unsubscribe(message.id)
        return
      case 'ack':
        tab.taken(message.id, message.count)
        return
      case 'token':
        this.#answer?.(message.token)
        return
      case 'beat':
        tab.post(this.#figures())
        return
      case 'retry':
        source.retryNow()
        return
      case 'logout':
        this.#logout(tab)
        return
      case 'bye':
        this.#drop(tab)
        return
      default:
        message satisfies never
    }
  }

  #welcome(tab: Tab, hello: Extract<TabMessage, { t: 'hello' }>): void {
    tab.maxQueueSize = hello.settings.maxQueueSize
    tab.canRenew = hello.canRenew
    // The newest tab signed in last: its token is the fresher one.
    if (hello.token !== null) this.#given = hello.token
    tab.forget()
    this.#tabs.add(tab)
    this.#source ??= this.#begin(hello.settings, hello.token !== null || hello.canRenew)
    this.#source.start()
    tab.post({ t: 'state', state: this.#state })
    tab.post(this.#figures())
  }

  #figures(): HubMessage {
    const { roundTripMs, clockSkewMs, duplicates, sent, reconnects } = this.#tally
    return { t: 'beat', figures: { roundTripMs, clockSkewMs, duplicates, sent, reconnects } }
  }

  #begin(plain: PlainSettings, isIdentified: boolean): OwnSource {
    const settings: Settings = {
      ...plain,
      token: undefined,
      tabs: 'own',
      keepPositions: false,
      WebSocket: globalThis.WebSocket,
      fetch: (...of) => globalThis.fetch(...of),
      random: Math.random,
    }
    const token = new Token(isIdentified ? () => this.#askForToken() : undefined, 2 * TokenWithin)
    return new OwnSource(
      { settings, token, tally: this.#tally },
      {
        changed: state => {
          this.#state = state
          this.#tell({ t: 'state', state })
        },
        failed: ({ code, message }) => this.#tell({ t: 'error', id: null, code, message, isFinal: false }),
      },
    )
  }

  async #askForToken(): Promise<string | null> {
    const asked = [...this.#tabs].filter(tab => tab.canRenew)
    if (asked.length === 0) return this.#given
    for (const tab of asked) tab.post({ t: 'token?' })
    let timer: ReturnType<typeof setTimeout> | undefined
    try {
      return await new Promise((resolve, reject) => {
        this.#answer = resolve
        timer = setTimeout(
          () => reject(new TidewireError(LocalFault, 'No tab answered with a token.')),
          TokenWithin,
        )
      })
    } finally {
      clearTimeout(timer)
      this.#answer = null
    }
  }

  #logout(by: Tab): void {
    for (const tab of [...this.#tabs]) {
      if (tab !== by) tab.post({ t: 'logout' })
      this.#drop(tab)
    }
    this.#given = null
  }

  #drop(tab: Tab): void {
    tab.forget()
    this.#tabs.delete(tab)
    if (this.#tabs.size > 0) return
    this.#source?.stop()
    this.#source = null
    this.#state = Connecting
  }

  #tell(message: HubMessage): void {
    for (const tab of this.#tabs) tab.post(message)
  }
}
