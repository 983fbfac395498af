import { expect, test } from 'vitest'
import { formatPosition, parsePosition } from './Position'

test('A position as text is read back, also with a colon in its epoch', () => {
  for (const position of [
    { epoch: 'e1', offset: 0 },
    { epoch: 'a:b', offset: 42 },
  ])
    expect(parsePosition(formatPosition(position))).toEqual(position)
})

test.each(['', 'e1', 'e1:', ':5', 'e1:-1', 'e1:1.5', 'e1:x'])('%j is no position', text => {
  expect(parsePosition(text)).toBeNull()
})
