import { Connection, type ConnectionListener } from './Connection'
import { Closed, type ConnectionState } from './ConnectionState'
import type { Source } from './Source'
import type { Subscription } from './Subscription'
import type { WireContext } from './wires/Wire'

/**
 * Connections of this client's own: one, as long as no channel is wanted with two filters or rates at once, since a
 * connection holds a channel with one.
 */
export class OwnSource implements Source {
  readonly #context: WireContext
  readonly #listener: ConnectionListener
  readonly #connections: Connection[]
  readonly #homes = new Map<Subscription, Connection>()

  constructor(context: WireContext, listener: ConnectionListener) {
    this.#context = context
    this.#listener = listener
    this.#connections = [new Connection(context, listener)]
  }

  get state(): ConnectionState {
    return this.#connections[0]?.state ?? Closed
  }

  attach(subscription: Subscription): void {
    let home = this.#connections.find(connection => connection.add(subscription))
    if (home === undefined) {
      home = new Connection(this.#context, { changed: () => undefined, failed: this.#listener.failed })
      home.add(subscription)
      this.#connections.push(home)
      if (this.state.state !== 'closed') home.start()
    }
    this.#homes.set(subscription, home)
  }

  detach(subscription: Subscription): void {
    const home = this.#homes.get(subscription)
    if (home === undefined) return
    this.#homes.delete(subscription)
    home.remove(subscription)
    const at = this.#connections.indexOf(home)
    if (at > 0 && home.isEmpty) {
      home.stop()
      this.#connections.splice(at, 1)
    }
  }

  held(subscription: Subscription): void {
    this.#homes.get(subscription)?.held(subscription)
  }

  taken(): void {
    // What is queued here needs no leave of anyone.
  }

  start(): void {
    this.#all(connection => connection.start())
  }

  stop(): void {
    this.#all(connection => connection.stop())
  }

  retryNow(): void {
    this.#all(connection => connection.retryNow())
  }

  logout(): void {
    this.stop()
  }

  #all(action: (connection: Connection) => void): void {
    for (const connection of this.#connections) action(connection)
  }
}
