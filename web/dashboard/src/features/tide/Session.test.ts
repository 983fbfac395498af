import { expect, test } from 'vitest'
import { marketTimestamp } from '../../ui/marketTime'
import { exchangeSession, movingWindow } from './Session'

const words = (time: number): string => marketTimestamp(time).replace('.000', '')

test.each([
  ['in the session', '2025-05-16T18:21:02Z', 'Fri 16 May 09:30:00 ET', 'Fri 16 May 16:00:00 ET'],
  ['at the very opening', '2025-05-16T13:30:00Z', 'Fri 16 May 09:30:00 ET', 'Fri 16 May 16:00:00 ET'],
  ['a second before', '2025-05-16T13:29:59Z', 'Thu 15 May 09:30:00 ET', 'Thu 15 May 16:00:00 ET'],
  ['in the evening', '2025-05-17T01:00:00Z', 'Fri 16 May 09:30:00 ET', 'Fri 16 May 16:00:00 ET'],
  ['on a Sunday', '2025-05-18T16:00:00Z', 'Fri 16 May 09:30:00 ET', 'Fri 16 May 16:00:00 ET'],
  ['early on a Monday', '2025-05-19T12:00:00Z', 'Fri 16 May 09:30:00 ET', 'Fri 16 May 16:00:00 ET'],
  ['in winter', '2025-12-01T15:00:00Z', 'Mon 1 Dec 09:30:00 ET', 'Mon 1 Dec 16:00:00 ET'],
  [
    'on the Monday after the clocks went forward',
    '2025-03-10T13:00:00Z',
    'Fri 7 Mar 09:30:00 ET',
    'Fri 7 Mar 16:00:00 ET',
  ],
])('The session that began last, %s', (_, now, from, to) => {
  const session = exchangeSession(Date.parse(now))
  expect([words(session.from), words(session.to)]).toEqual([from, to])
})

test('A market that never closes has a window as long as a session, with now in it', () => {
  for (const now of ['2025-05-18T03:00:00Z', '2025-05-18T03:29:59Z', '2025-05-18T03:30:00Z'].map(
    Date.parse,
  )) {
    const { from, to } = movingWindow(now)
    expect(to - from).toBe(6.5 * 3_600_000)
    expect(to).toBeGreaterThan(now)
    expect(to - now).toBeLessThanOrEqual(1_800_000)
  }
})
