import { createServer } from 'node:http'
import { EventEmitter } from 'node:events'
import { ChannelLog } from './channel-log.mjs'
import { ManyChannels } from './many-channels.mjs'
import { EventStream, LongPoll, parsePosition } from './one-channel.mjs'
import { WebSocketPeer, batching, handshakeAnswer } from './websocket-peer.mjs'
import { disconnects, notAFilter } from './shapes.mjs'

/** Feeds whose readers get the newest value per key, for `/api/stream/channels`. */
const stateFeeds = new Set(['gex', 'ticker', 'price', 'market_status', 'market_tide'])

/**
 * A server that speaks the three wires as the real one does, from logs that a case fills, and misbehaves when it is told to.
 *
 * `network` says for each wire what stands between client and server, for connections that begin:
 * `open`; `strip` (a proxy that removes the upgrade: 426), `refuse` (reset once the request was read), `error` (a proxy's
 * 502), `silent` (opened, and not a byte follows), `headers` (only the head of the answer comes through), `greet` (cut behind
 * the greeting). `busy` is the server's own word over plain HTTP: 503, come back in a second; `forbidden` its 403, `hasty` a
 * cache that answers each poll at once with nothing.
 *
 * Emits `request` for each thing a client asks: an attempt on a wire, and each message on a socket.
 */
export class ScriptedServer extends EventEmitter {
  logs = new Map()
  network = { websocket: 'open', sse: 'open', poll: 'open' }
  /** Everything clients asked, in order: `{wire, type, at, …}`. */
  requests = []
  #rules = {}
  #style
  #subprotocols
  #http
  #port = 0
  #connections = new Set()
  #sockets = new Set()
  #ids = 0

  constructor({ channels = {}, network = {}, frames = 'plain', token, subprotocols = true } = {}) {
    super()
    for (const [name, log] of Object.entries(channels)) this.logs.set(name, new ChannelLog(name, log))
    Object.assign(this.network, network)
    this.#style = frames
    this.#subprotocols = subprotocols
    this.#rules.token = token
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Listens; after a stop, on the same port. */
  async start() {
    this.#http = createServer((request, response) => this.#answer(request, response))
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    this.#http.on('connection', socket => {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
    })
    this.#http.keepAliveTimeout = 600_000
    await new Promise((resolve, reject) => {
      this.#http.once('error', reject)
      this.#http.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = this.#http.address().port
  }

  /** Stops listening: with a word to each client when it is a drain, with resets when it is a kill. */
  async stop({ how = 'drain' } = {}) {
    const closed = new Promise(resolve => this.#http.close(resolve))
    if (how === 'drain') {
      this.close(disconnects[1001])
      // A client that does not end its side, and idle keep-alive connections, end with the process.
      setTimeout(() => this.#resetAll(), 100)
    } else this.#resetAll()
    await closed
    this.#connections.clear()
  }

  #resetAll() {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** Closes every connection of a wire (all by default) with a code. */
  close(disconnect, { wire, told } = {}) {
    for (const { session, wire: of } of this.#chosen(wire)) {
      session.close(disconnect, { told })
      this.#forget(session, of)
    }
  }

  /** Cuts every connection of a wire (all by default): `reset`, `end`, or `freeze` for a half-open one. */
  cut({ wire, how = 'reset' } = {}) {
    for (const { session, wire: of } of this.#chosen(wire)) {
      session.cut(how)
      this.#forget(session, of)
    }
  }

  /** Sends a text as it stands: as a frame, or as bytes of an event stream. */
  send(text, wire) {
    for (const { session } of this.#chosen(wire)) session.raw(text)
  }

  tellPosition(channel) {
    for (const { session } of this.#chosen()) {
      if (session instanceof ManyChannels) session.tellPosition(channel)
      else if (session.log.name === channel) session.tellPosition()
    }
  }

  publish(channel, entries) {
    this.logs.get(channel).append(entries)
  }

  /** The token that is accepted from now on. */
  set token(token) {
    this.#rules.token = token
  }

  /** From now on, answers to `unsubscribe` wait for `releaseUnsubscribes`. */
  holdUnsubscribes() {
    this.#rules.heldUnsubscribes = []
  }

  releaseUnsubscribes() {
    const held = this.#rules.heldUnsubscribes ?? []
    this.#rules.heldUnsubscribes = undefined
    for (const confirm of held) confirm()
  }

  #chosen(wire) {
    return [...this.#connections].filter(connection => wire === undefined || connection.wire === wire)
  }

  #forget(session) {
    for (const connection of this.#connections) if (connection.session === session) this.#connections.delete(connection)
  }

  #note(wire, request) {
    const noted = { wire, at: performance.now(), ...request }
    this.requests.push(noted)
    this.emit('request', noted)
  }

  #upgrade(request, socket, head) {
    socket.on('error', () => {})
    if (new URL(request.url, this.url).pathname !== '/api/ws') {
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
      return
    }
    const connection = ++this.#ids
    const offered = request.headers['sec-websocket-protocol']?.split(/\s*,\s*/) ?? []
    this.#note('websocket', { type: 'open', connection, subprotocols: offered.join(' ') })
    const mode = this.network.websocket
    if (mode === 'refuse') socket.resetAndDestroy()
    else if (mode === 'error') socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    else if (mode === 'strip') {
      const body = JSON.stringify({ error: 'bad_handshake', message: 'This address speaks WebSocket: connect with ws:// in place of http://.' })
      socket.end(`HTTP/1.1 426 Upgrade Required\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nUpgrade: websocket\r\nConnection: close\r\n\r\n${body}`)
    } else {
      const batches = this.#subprotocols && offered.includes(batching)
      socket.write(handshakeAnswer(request.headers['sec-websocket-key'], batches ? batching : undefined))
      const peer = new WebSocketPeer(socket, head, batches && this.#style === 'plain' ? 'batched' : this.#style)
      const session = new ManyChannels(peer, {
        id: `c${connection}-5f3a09be`,
        logs: this.logs,
        record: frame => this.#note('websocket', { connection, ...frame }),
        rules: mode === 'silent' ? { silent: true } : this.#rules,
      })
      this.#keep('websocket', session, socket)
      if (mode === 'greet') session.cut('reset')
    }
  }

  #answer(request, response) {
    const url = new URL(request.url, this.url)
    const [, wire, channel] = /^\/api\/stream\/(sse|poll)\/(.+)$/.exec(url.pathname) ?? []
    if (wire !== undefined) this.#stream(wire, decodeURIComponent(channel).replace('/', ':'), url.searchParams, request, response)
    else if (url.pathname === '/api/stream/channels') this.#json(response, 200, { channels: this.#catalogue() })
    else if (url.pathname === '/health') this.#json(response, 200, { status: 'ok', upstream: 'connected', simulated: false, connections: this.#connections.size, version: '0.1.0', timestamp: new Date().toISOString() })
    else if (url.pathname === '/api/ws') this.#json(response, 426, { error: 'bad_handshake', message: 'This address speaks WebSocket: connect with ws:// in place of http://.' }, { Upgrade: 'websocket' })
    else this.#json(response, 404, { error: 'not_found', message: `Nothing is served at '${url.pathname}'.` })
  }

  #stream(wire, channel, query, request, response) {
    const since = parsePosition((wire === 'sse' ? request.headers['last-event-id'] : undefined) ?? query.get('since') ?? undefined)
    const filter = query.get('filter') ?? undefined
    const history = Number(query.get('history') ?? 0)
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    this.#note(wire, { type: 'subscribe', channel, since, filter, ...(history > 0 && { history }), token })
    const mode = this.network[wire]
    if (mode === 'refuse') request.socket.resetAndDestroy()
    else if (mode === 'error') this.#json(response, 502, { message: 'Bad Gateway' })
    else if (mode === 'busy') {
      const error = wire === 'sse' ? 'too_many_connections' : 'too_many_waiting'
      this.#json(response, 503, { error, message: 'There is no room now: ask again later.' }, { 'Retry-After': '1' })
    } else if (mode === 'forbidden') this.#json(response, 403, { error: 'forbidden', message: 'This page may not read from here.' })
    else if (mode === 'silent') return
    else if (mode === 'headers') {
      response.writeHead(200, { 'Content-Type': wire === 'sse' ? 'text/event-stream' : 'application/json; charset=utf-8' })
      response.flushHeaders()
    } else {
      const log = this.logs.get(channel)
      if (log === undefined) {
        this.#json(response, 404, { error: 'unknown_channel', message: `Unknown channel: '${channel}'. Allowed: ${[...this.logs.keys()].join(', ')}.`, field: 'channel' })
        return
      }
      const why = notAFilter(filter)
      if (why !== undefined) {
        this.#json(response, 400, { error: 'bad_value', message: why.replace('field', 'parameter'), field: 'filter' })
        return
      }
      if (mode === 'hasty') query.set('wait', '0')
      const asked = { log, since, history, filter, style: this.#style, wait: Number(query.get('wait') ?? 25), limit: Number(query.get('limit') ?? 100) }
      this.#keep(wire, new (wire === 'sse' ? EventStream : LongPoll)(response, asked), response)
    }
  }

  /** Until its socket, or the answer to its request, is closed. */
  #keep(wire, session, socketOrResponse) {
    const connection = { wire, session }
    this.#connections.add(connection)
    socketOrResponse.on('close', () => this.#connections.delete(connection))
  }

  #json(response, status, body, headers = {}) {
    response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store', ...headers })
    response.end(JSON.stringify(body))
  }

  #catalogue() {
    return [...new Set([...this.logs.keys()].map(name => name.split(':')[0]))].map(feed => ({
      id: feed,
      name: feed,
      endpoint: `/api/stream/ws/${feed}`,
      description: 'A scripted feed.',
      class: stateFeeds.has(feed) ? 'state' : 'event',
      ticker: [...this.logs.keys()].some(name => name.startsWith(`${feed}:`)) ? 'required' : 'none',
      status: 'verified',
      measured: 'verified',
      source: 'socket',
      rest_fallback: false,
      aliases: [],
      active: [],
    }))
  }
}
