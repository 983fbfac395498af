import { connect, createServer } from 'node:net'

const headEnd = '\r\n\r\n'

function wireOf(head) {
  if (/^upgrade: *websocket\r?$/im.test(head)) return 'websocket'
  return /^GET \/(?:api\/stream\/(sse|poll)|stream\/flow)/.exec(head)?.[1]
}

/**
 * A proxy between clients and a server, byte by byte: it reads the heads of requests, to know the wire, and passes the rest on
 * as it comes. Modes by wire: `open`; `strip` (takes the upgrade out of the request), `refuse` (RST), `buffer` (keeps the answer
 * back until it is whole, which a stream never is), `silent` (takes everything, passes nothing on).
 */
export class WireProxy {
  network = { websocket: 'open', sse: 'open', poll: 'open' }
  /** Requests by wire, those that were blocked too. */
  requests = { websocket: 0, sse: 0, poll: 0 }
  #target
  #connections = new Set()
  #server = createServer(client => this.#serve(client))

  constructor(target) {
    this.#target = new URL(target)
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`
  }

  async start() {
    await new Promise((resolve, reject) => this.#server.once('error', reject).listen(0, '127.0.0.1', resolve))
  }

  stop() {
    this.#server.close()
    for (const connection of this.#connections) this.#reset(connection)
  }

  /** Changes modes, and cuts the connections of those wires that are not open any more. */
  block(modes) {
    Object.assign(this.network, modes)
    for (const connection of this.#connections) if ((this.network[connection.wire] ?? 'open') !== 'open') this.#reset(connection)
  }

  #reset({ client, server }) {
    client.resetAndDestroy()
    server?.resetAndDestroy()
  }

  #serve(client) {
    const connection = { client, server: undefined, wire: undefined, held: [], buffer: Buffer.alloc(0), raw: false }
    this.#connections.add(connection)
    client.setNoDelay(true)
    client.on('error', () => {}) // an end like any other
    client.on('close', () => {
      connection.server?.destroy()
      this.#connections.delete(connection)
    })
    client.on('data', bytes => this.#fromClient(connection, bytes))
  }

  #fromClient(connection, bytes) {
    if (connection.raw) {
      connection.server.write(bytes)
      return
    }
    connection.buffer = Buffer.concat([connection.buffer, bytes])
    for (;;) {
      const end = connection.buffer.indexOf(headEnd)
      if (end < 0) return
      const head = connection.buffer.subarray(0, end + headEnd.length).toString('latin1')
      connection.buffer = connection.buffer.subarray(end + headEnd.length)
      this.#request(connection, head)
      if (!connection.raw) continue
      connection.server.write(connection.buffer)
      return
    }
  }

  #request(connection, head) {
    const wire = wireOf(head)
    connection.wire = wire
    const mode = this.network[wire] ?? 'open'
    if (wire !== undefined) this.requests[wire]++
    if (mode === 'refuse') this.#reset(connection)
    if (mode === 'refuse' || mode === 'silent') return
    connection.mode = mode
    connection.server ??= this.#connect(connection)
    connection.raw = wire === 'websocket' && mode === 'open'
    const passed = mode === 'strip' ? head.replace(/^(upgrade|connection): .*\r\n/gim, '') : head
    connection.server.write(passed.replace(/^host: .*$/im, `Host: ${this.#target.host}`), 'latin1')
  }

  #connect(connection) {
    const server = connect(Number(this.#target.port), this.#target.hostname)
    server.setNoDelay(true)
    server.on('data', bytes => {
      if (connection.mode === 'buffer') connection.held.push(bytes)
      else connection.client.write(bytes)
    })
    server.on('end', () => connection.client.end(Buffer.concat(connection.held)))
    server.on('error', () => connection.client.resetAndDestroy())
    return server
  }
}
