import { openSocket } from './socket.mjs'

/**
 * The three wires, each a function of the client that opens it. A session has `subscribe`, `unsubscribe`, `again` (the
 * channel from its position) and `close`, and calls `client.opened(session)` at the first sign of life and
 * `client.ended(session, code)` once.
 */
export const wires = [
  function websocket(client) {
    let alive = false
    let heartbeat
    let asked = 0
    const requests = new Map()
    const send = message => {
      client.counts.messagesSent++
      socket.send(JSON.stringify(message))
    }
    const beat = () => {
      clearTimeout(heartbeat)
      if (client.fault === 'no-heartbeat') return
      heartbeat = setTimeout(() => {
        send({ type: 'ping' })
        heartbeat = setTimeout(() => socket.close(), client.options.heartbeatTimeout)
      }, client.options.heartbeatInterval)
    }
    const one = message => {
      const sub = client.subscriptions.get(message.channel)
      // Greeted and no more is not yet a wire that works.
      if (message.type !== 'connection') alive = true
      if (message.type === 'connection') {
        clearTimeout(opening)
        client.opened(session)
      } else if (message.type === 'error') client.refused(message, requests.get(message.id))
      else if (message.type === 'closing') client.closing = message
      else if (sub === undefined) return
      else if (message.type === 'subscription') {
        if (message.action === 'subscribed' && message.id === sub.awaited) client.subscribed(sub, message)
      } else if (sub.awaited !== undefined) return // on its way when it was left
      else if (message.type === 'history') client.history(sub, message.messages)
      else if (message.type === 'position') client.position(sub, message)
      else if (message.offset !== undefined) client.entry(sub, message)
    }
    const socket = openSocket(`${client.url}/api/ws`, {
      protocol: 'tidewire.v1.json',
      opened: () => client.token !== undefined && send({ type: 'auth', token: client.token }),
      message(text) {
        beat()
        for (const line of client.fault === 'no-newline-split' ? [text] : text.split('\n')) {
          let message
          try {
            message = JSON.parse(line)
          } catch (error) {
            if (client.fault === 'fragile') throw error
            client.counts.errors++
            continue
          }
          if (message !== null && typeof message === 'object') one(message)
        }
      },
      closed(code) {
        clearTimeout(heartbeat)
        clearTimeout(opening)
        client.ended(session, code, alive)
      },
    })
    const opening = setTimeout(() => socket.close(), client.options.connectTimeout)
    const session = {
      subscribe(sub) {
        sub.awaited = ++asked
        requests.set(asked, sub)
        const { channel, filter, maxRate } = sub
        send({ type: 'subscribe', channel, ...client.since(sub), ...(filter && client.fault !== 'forget-filter' && { filter }), ...(maxRate > 0 && { max_rate: maxRate }), ...(sub.epoch === undefined && sub.history > 0 && { history: sub.history }), id: asked })
      },
      unsubscribe: sub => send({ type: 'unsubscribe', channel: sub.channel }),
      again(sub) {
        this.unsubscribe(sub)
        this.subscribe(sub)
      },
      close: () => socket.close(),
    }
    return session
  },

  function sse(client) {
    return perChannel(client, async (sub, signal, opened) => {
      const { heartbeatInterval, heartbeatTimeout } = client.options
      const watch = new Watch(client, signal)
      const response = await fetch(address(client, 'sse', sub), { signal: watch.signal, headers: headers(client) })
      if (!response.ok) return refusedOverHttp(client, sub, response)
      const resumed = sub.epoch !== undefined
      let first = true
      let text = ''
      let id
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        opened()
        watch.within(heartbeatInterval + heartbeatTimeout)
        text += chunk
        const events = text.split('\n\n')
        text = events.pop()
        for (const event of events) {
          if (signal.aborted) return
          const field = name => event.split('\n').find(line => line.startsWith(`${name}: `))?.slice(name.length + 2)
          id = field('id') ?? id
          const data = parsed(field('data'))
          const at = { epoch: id.slice(0, id.lastIndexOf(':')), offset: Number(id.slice(id.lastIndexOf(':') + 1)) }
          const kind = field('event')
          if (first) client.subscribed(sub, data ?? { ...at, recovered: resumed })
          else if (kind === 'closing') client.closing = data
          else if (field('data') === undefined || kind === 'position') client.position(sub, { ...at, ...data })
          else if (data?.offset !== undefined && (kind === undefined || kind === 'gap')) client.entry(sub, data)
          first = false
        }
      }
    })
  },

  function poll(client) {
    return perChannel(client, async (sub, signal, opened) => {
      for (let first = true; ; first = false) {
        const resumed = sub.epoch !== undefined
        const asked = performance.now()
        const wait = Math.max(1, Math.min(25, Math.floor(client.options.heartbeatInterval / 1000)))
        const watch = new Watch(client, signal)
        if (!first) watch.within(wait * 1000 + client.options.heartbeatTimeout)
        // The first one is answered at once, and shows that polls come through.
        const response = await fetch(address(client, 'poll', sub, first ? 0 : wait), { signal: watch.signal, headers: headers(client) })
        if (!response.ok) return refusedOverHttp(client, sub, response)
        const { messages, position, ...answer } = await response.json()
        watch.end()
        if (signal.aborted) return
        opened()
        const [entry] = messages
        if (first || answer.reason !== undefined) {
          const start = entry === undefined ? position.offset : entry.offset - 1 - (entry.merged ?? 0) - (entry.filtered ?? 0)
          client.subscribed(sub, { epoch: position.epoch, offset: start, recovered: resumed && answer.recovered, reason: answer.reason })
        }
        for (const message of messages) if (!signal.aborted) client.entry(sub, message)
        if (entry === undefined) client.position(sub, { ...position, ...answer })
        const hasty = !first && entry === undefined && performance.now() - asked < 500
        if (hasty && client.fault !== 'hammers-polls') await new Promise(resolve => setTimeout(resolve, 1000))
      }
    })
  },
]

function parsed(text) {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

const headers = client => ({ ...(client.token && { Authorization: `Bearer ${client.token}` }) })

function address(client, wire, sub, wait) {
  const url = new URL(`${client.url}/api/stream/${wire}/${sub.channel.replace(':', '/')}`)
  const { since } = client.since(sub)
  if (since !== undefined) url.searchParams.set('since', `${since.epoch}:${since.offset}`)
  else if (sub.history > 0) url.searchParams.set('history', sub.history)
  if (sub.filter && client.fault !== 'forget-filter') url.searchParams.set('filter', sub.filter)
  if (wait !== undefined) url.searchParams.set('wait', wait)
  return url
}

/** Aborts a request that is silent for too long; a watch is set anew with each sign of life. */
class Watch {
  #silent = new AbortController()
  #timer
  #client

  constructor(client, signal) {
    this.#client = client
    this.signal = AbortSignal.any([signal, this.#silent.signal])
    signal.addEventListener('abort', () => this.end())
  }

  within(milliseconds) {
    this.end()
    if (this.#client.fault !== 'no-watch') this.#timer = setTimeout(() => this.#silent.abort(), milliseconds)
  }

  end() {
    clearTimeout(this.#timer)
  }
}

async function refusedOverHttp(client, sub, response) {
  if (response.status === 403) client.closing = { code: 4003 }
  if (response.status === 503 && client.fault !== 'ignores-retry-after') client.retryAfter = Number(response.headers.get('retry-after')) * 1000
  if (response.status !== 400 && response.status !== 404) throw new Error(`HTTP ${response.status}`)
  const { error, message } = await response.json()
  client.refused({ code: error, message }, sub)
}

/** A session that has a request, or a row of them, for each channel. One that fails ends them all. */
function perChannel(client, read) {
  const requests = new Map()
  let alive = false
  const end = () => {
    for (const request of requests.values()) request.abort()
    client.ended(session, undefined, alive)
  }
  const session = {
    subscribe(sub) {
      this.unsubscribe(sub)
      const request = new AbortController()
      requests.set(sub, request)
      const opening = setTimeout(end, client.options.connectTimeout)
      const opened = () => {
        clearTimeout(opening)
        if (!alive) {
          alive = true
          client.opened(session)
        }
      }
      read(sub, request.signal, opened).then(
        () => !request.signal.aborted && client.subscriptions.has(sub.channel) && end(),
        () => !request.signal.aborted && end(),
      ).finally(() => clearTimeout(opening))
    },
    unsubscribe(sub) {
      requests.get(sub)?.abort()
      requests.delete(sub)
    },
    again: sub => session.subscribe(sub),
    close: end,
  }
  for (const sub of client.subscriptions.values()) session.subscribe(sub)
  return session
}
