// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { KeptPositions } from './KeptPositions'
import { Subscription } from './Subscription'

beforeEach(() => {
  vi.useFakeTimers()
  sessionStorage.clear()
})
afterEach(() => vi.useRealTimers())

const owner = { detach: () => undefined, held: () => undefined, taken: () => undefined }
const at = (offset: number, filter?: string): Subscription =>
  new Subscription(
    'news',
    { since: { epoch: 'e1', offset }, ...(filter !== undefined && { filter }) },
    owner,
    10,
  )

test('A position is there for the next page, for its filter only', () => {
  const before = new KeptPositions('session', 'http://a')
  before.moved(at(5))
  before.moved(at(7, 'x > 1'))
  vi.advanceTimersByTime(500)
  const after = new KeptPositions('session', 'http://a')
  expect(after.get('news', null)).toEqual({ epoch: 'e1', offset: 5 })
  expect(after.get('news', 'x > 1')).toEqual({ epoch: 'e1', offset: 7 })
  expect(new KeptPositions('session', 'http://b').get('news', null)).toBeNull()
})

test('A page that is left writes at once', () => {
  new KeptPositions('session', 'http://a').moved(at(9))
  const kept = new KeptPositions('session', 'http://a')
  kept.moved(at(10))
  window.dispatchEvent(new Event('pagehide'))
  expect(kept.get('news', null)?.offset).toBe(10)
})

test('After forgetting nothing is left of this server, and without a storage nothing is kept', () => {
  sessionStorage.setItem('theirs', '1')
  const kept = new KeptPositions('session', 'http://a')
  kept.moved(at(5))
  kept.write()
  kept.forget()
  expect(Object.keys(sessionStorage)).toEqual(['theirs'])
  expect(new KeptPositions(false, 'http://a').get('news', null)).toBeNull()
})
