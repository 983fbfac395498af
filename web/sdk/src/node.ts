import { NodeWebSocket } from './node/NodeWebSocket'
import type { TidewireOptions } from './Settings'
import { TidewireClient as Client } from './TidewireClient'

export * from './index'

/** The client for Node: where the platform has no WebSocket it brings its own. */
export class TidewireClient extends Client {
  constructor(options: TidewireOptions = {}) {
    super({ ...options, WebSocket: options.WebSocket ?? globalThis.WebSocket ?? NodeWebSocket })
  }
}
