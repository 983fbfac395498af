/** The messages of docs/protocol.md, field by field in the order in which the server writes them. */

export const now = () => new Date().toISOString()

/** Zero counts are left out, as the server leaves them out. */
const counts = ({ merged, filtered }) => ({ ...(merged > 0 && { merged }), ...(filtered > 0 && { filtered }) })
const ticker = log => (log.symbol === undefined ? {} : { ticker: log.symbol })
const replaced = entry => (entry.replaces === undefined ? {} : { replaces: entry.replaces })
const echo = id => (id === undefined ? {} : { id })

const flatTypes = { ticker: 'price_update', patterns: 'pattern_alert', alerts: 'alert_trigger', market_status: 'market_status', system: 'system' }
const flatType = log => flatTypes[log.name.split(':')[0]]

export const connection = id => ({
  type: 'connection',
  status: 'connected',
  connection_id: id,
  simulated: false,
  limits: { message_bytes: 16384, channels: 128 },
  timestamp: now(),
})

export const subscribed = (log, { offset, recovered, reason }, id) => ({
  type: 'subscription',
  action: 'subscribed',
  channel: log.name,
  ...ticker(log),
  epoch: log.epoch,
  offset,
  recovered,
  ...(reason !== undefined && { reason }),
  timestamp: now(),
  ...echo(id),
})

export const unsubscribed = (log, id) => ({
  type: 'subscription',
  action: 'unsubscribed',
  channel: log.name,
  ...ticker(log),
  timestamp: now(),
  ...echo(id),
})

/** A publication or a gap on `/api/ws`. */
export function message(log, entry, passed = { merged: 0, filtered: 0 }) {
  if (entry.gap) return gap(log, entry, passed)
  const type = flatType(log)
  return type === undefined
    ? { type: 'message', channel: log.name, offset: entry.offset, ...counts(passed), ...replaced(entry), timestamp: entry.at, data: entry.data, source: entry.source }
    : { type, ...entry.data, timestamp: entry.at, channel: log.name, offset: entry.offset, ...counts(passed), ...replaced(entry), source: entry.source }
}

/** A publication or a gap on the wires of one channel. */
export const envelope = (log, entry, passed) =>
  entry.gap
    ? gap(log, entry, passed)
    : { channel: log.name, timestamp: entry.at, data: entry.data, offset: entry.offset, epoch: log.epoch, ...counts(passed), ...replaced(entry), source: entry.source }

const gap = (log, entry, passed) => ({ type: 'gap', channel: log.name, offset: entry.offset, ...counts(passed), epoch: log.epoch, ...entry.gap })

export const position = (log, offset, passed) => ({ type: 'position', channel: log.name, epoch: log.epoch, offset, ...counts(passed) })

export const closing = ({ code, reason, reconnect }) => ({ type: 'closing', code, reason, reconnect })

export const history = (log, entries, id) => ({
  type: 'history',
  channel: log.name,
  ...ticker(log),
  epoch: log.epoch,
  messages: entries.map(entry => message(log, entry)),
  timestamp: now(),
  ...echo(id),
})

export const pong = id => ({ type: 'pong', timestamp: now(), ...echo(id) })

export const authenticated = (required, id) => ({ type: 'auth', status: 'ok', required, timestamp: now(), ...echo(id) })

export const error = (code, name, text, { field, id, retryable = false } = {}) => ({
  type: 'error',
  message: text,
  code,
  error: name,
  retryable,
  ...(field !== undefined && { field }),
  timestamp: now(),
  ...echo(id),
})

export const pollAnswer = (log, messages, at, { recovered, reason, merged, filtered }) => ({
  channel: log.name,
  messages,
  position: { epoch: log.epoch, offset: at },
  position_text: `${log.epoch}:${at}`,
  ...counts({ merged, filtered }),
  recovered,
  ...(reason !== undefined && { reason }),
  simulated: false,
  timestamp: now(),
})

/** What a server says before it closes, by code: src/Tidewire.Protocol/Disconnect.cs as data. */
/** What is wrong with a filter; only that a comparison has no right side is noticed here. */
export const notAFilter = filter =>
  /[<>=]\s*$/.test(filter ?? '') ? `The field 'filter' is no filter: column ${filter.length + 1}: expected a number, a word or a quoted string, found the end` : undefined

export const disconnects = {
  1001: { code: 1001, reason: 'server is going away', reconnect: true },
  1008: { code: 1008, reason: 'policy violation', reconnect: false },
  1009: { code: 1009, reason: 'message too big', reconnect: false },
  4001: { code: 4001, reason: 'token missing or invalid', reconnect: false },
  4003: { code: 4003, reason: 'not allowed', reconnect: false },
  4008: { code: 4008, reason: 'reader too slow, resume by position', reconnect: true },
  4009: { code: 4009, reason: 'too many connections', reconnect: true },
  4010: { code: 4010, reason: 'token expired', reconnect: true },
  // Of a server that came after the client: what it says of coming back is all there is to go by.
  4555: { code: 4555, reason: 'a code of the future', reconnect: false },
  4556: { code: 4556, reason: 'another code of the future', reconnect: true },
}
