/** One event of a stream, as far as it was said. */
export interface StreamedEvent {
  readonly id: string | null
  readonly event: string | null
  readonly data: string | null
}

/** No event is as long as that; whoever sends one would fill the memory. */
const MostInOne = 64 << 20

/**
 * Takes a stream of server-sent events apart, however it is cut. Comments and unknown fields are passed over.
 * @returns what to give each piece of text to
 */
export function eventReader(each: (event: StreamedEvent) => void): (text: string) => void {
  let rest = ''
  let id: string | null = null
  let event: string | null = null
  let data: string | null = null
  const line = (text: string): void => {
    if (text === '') {
      if (id !== null || data !== null) each({ id, event, data })
      id = event = data = null
      return
    }
    const colon = text.indexOf(':')
    const field = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'id') id = value
    else if (field === 'event') event = value
    else if (field === 'data') data = data === null ? value : `${data}\n${value}`
  }
  return text => {
    let start = 0
    let end = text.indexOf('\n')
    if (end >= 0) end += rest.length
    rest += text
    if (rest.length + (data?.length ?? 0) > MostInOne) throw new Error('The stream has an event without end')
    for (; end >= 0; end = rest.indexOf('\n', start)) {
      line(rest.slice(start, rest[end - 1] === '\r' ? end - 1 : end))
      start = end + 1
    }
    rest = rest.slice(start)
  }
}
