/**
 * Whether a value is what a pattern says: an object matches when each field it names does (others do not matter), a list
 * when any of its elements does, `{"min":1,"max":9}` a number, `{"all":[…]}` a list of exactly that, `"*"` anything that is
 * there, the rest what is equal.
 */
export function matches(pattern, value) {
  if (pattern === '*') return value !== undefined && value !== null
  if (Array.isArray(pattern)) return pattern.some(one => matches(one, value))
  if (pattern === null || typeof pattern !== 'object') return pattern === value
  if (Array.isArray(value)) return value.length === pattern.all?.length && value.every((one, i) => matches(pattern.all[i], one))
  if (typeof value === 'number') return value >= (pattern.min ?? -Infinity) && value <= (pattern.max ?? Infinity)
  return value !== null && typeof value === 'object' && Object.entries(pattern).every(([key, wanted]) => matches(wanted, value[key]))
}

/** `["1-3","gap 4"]` as one element for each thing delivered. */
export function expand(items) {
  return items.flatMap(item => {
    const range = /^(\d+)-(\d+)$/.exec(item)
    if (range === null) return [item]
    const [first, last] = [Number(range[1]), Number(range[2])]
    return Array.from({ length: last - first + 1 }, (_, i) => String(first + i))
  })
}

const ofEvent = {
  publication: event => String(event.offset),
  gap: event => `gap ${event.offset}`,
  missed: event => `missed ${event.from}-${event.to}`,
  reset: () => 'reset',
}

/** What a driver has delivered of a channel, in the words of a case. The same hole told again at once is told once. */
export function deliveredOf(events, channel) {
  const items = events.filter(event => event.channel === channel && event.event in ofEvent).map(event => ofEvent[event.event](event))
  return items.filter((item, i) => !(item.startsWith('missed') && item === items[i - 1]))
}

/** The same in short: `1-3, gap 4, 5`. */
export function short(items) {
  const parts = []
  for (const item of items) {
    const last = parts.at(-1)
    if (/^\d+$/.test(item) && last !== undefined && last.to === Number(item) - 1) last.to++
    else parts.push(/^\d+$/.test(item) ? { from: Number(item), to: Number(item) } : { text: item })
  }
  return parts.map(part => part.text ?? (part.from === part.to ? `${part.from}` : `${part.from}-${part.to}`)).join(', ') || 'nothing'
}
