import { expect, test } from 'vitest'
import { eventReader, type StreamedEvent } from './eventStream'

const text =
  ': comment\nretry: 1000\nid: e1:41\n\nid: e1:42\ndata: {"a":1}\n\nevent: gap\r\nid:e1:43\r\ndata: x\r\ndata: y\r\n\r\nevent: nothing\n\n'
const expected: StreamedEvent[] = [
  { id: 'e1:41', event: null, data: null },
  { id: 'e1:42', event: null, data: '{"a":1}' },
  { id: 'e1:43', event: 'gap', data: 'x\ny' },
]

test.each([1, 2, 3, 7, 1000])('A stream cut into pieces of %i characters is read the same', size => {
  const events: StreamedEvent[] = []
  const read = eventReader(event => events.push(event))
  for (let at = 0; at < text.length; at += size) read(text.slice(at, at + size))
  expect(events).toEqual(expected)
})
