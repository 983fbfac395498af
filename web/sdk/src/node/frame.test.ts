import { expect, test } from 'vitest'
import { FrameReader, Opcode, writeFrame } from './frame'

/** A server's frame: a client's without its mask. */
function frame(opcode: number, payload: string | Buffer, isFinal = true): Buffer {
  const bytes = Buffer.from(payload)
  const head = bytes.length < 126 ? [bytes.length] : [126, bytes.length >> 8, bytes.length & 255]
  return Buffer.concat([Buffer.from([(isFinal ? 0x80 : 0) | opcode, ...head]), bytes])
}

function read(bytes: Buffer, size = bytes.length): string[] {
  const told: string[] = []
  const reader = new FrameReader({
    text: text => told.push(`text ${text}`),
    ping: payload => told.push(`ping ${payload}`),
    close: code => told.push(`close ${code}`),
    fault: code => told.push(`fault ${code}`),
  })
  for (let at = 0; at < bytes.length; at += size) reader.read(bytes.subarray(at, at + size))
  return told
}

const stream = Buffer.concat([
  frame(1, 'a'),
  frame(1, 'x'.repeat(200)),
  frame(1, 'he', false),
  frame(9, 'p'),
  frame(0, 'l', false),
  frame(0, 'lo'),
  frame(8, Buffer.from([0x0f, 0xa8])),
  frame(1, 'never'),
])

test.each([1, 2, 5, 64, 1000])(
  'Bytes cut into pieces of %i are read the same, and nothing after a close',
  size => {
    expect(read(stream, size)).toEqual([
      'text a',
      `text ${'x'.repeat(200)}`,
      'ping p',
      'text hello',
      'close 4008',
    ])
  },
)

test.each([
  ['a mask', Buffer.from([0x81, 0x80, 0, 0, 0, 0]), 1002],
  ['a reserved bit', Buffer.from([0xc1, 0]), 1002],
  ['an unknown opcode', frame(3, ''), 1002],
  ['a cut control frame', frame(9, '', false), 1002],
  ['a rest of nothing', frame(0, 'x'), 1002],
  ['a message in a message', Buffer.concat([frame(1, 'a', false), frame(1, 'b')]), 1002],
  ['a binary message', frame(2, 'x'), 1003],
  ['text that is not UTF-8', frame(1, Buffer.from([0xff, 0xfe])), 1007],
  ['a length beyond all bounds', Buffer.from([0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0]), 1009],
  ['a close of one byte', frame(8, 'x'), 1002],
])('A fault: %s', (_, bytes, code) => {
  expect(read(bytes)).toEqual([`fault ${code}`])
})

test('A frame of ours is masked, and unmasked it is what it was', () => {
  const mask = Buffer.from([1, 2, 3, 4])
  const written = writeFrame(Opcode.Text, Buffer.from('hello'), mask)
  expect([written[0], written[1]]).toEqual([0x81, 0x85])
  const payload = written.subarray(6).map((byte, i) => byte ^ (mask[i & 3] ?? 0))
  expect(Buffer.from(payload).toString()).toBe('hello')
})
