// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ElementCache } from './ElementCache'

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame'] }))
afterEach(() => vi.useRealTimers())

function shown(text = ''): HTMLElement {
  const element = document.createElement('span')
  element.textContent = text
  document.body.append(element)
  return element
}

test('Changes are gathered and applied once; the last one counts', () => {
  const cache = new ElementCache(100)
  const element = shown()
  for (const value of [1, 2, 3]) expect(cache.update(element, value)).toBe(true)
  expect([element.textContent, cache.pending]).toEqual(['', 1])
  vi.advanceTimersByTime(200)
  expect([element.textContent, cache.pending, cache.applied, cache.size]).toEqual(['3', 0, 1, 1])
})

test('A value that is shown already is not applied', () => {
  const cache = new ElementCache(100)
  const element = shown('7')
  expect(cache.update(element, 7)).toBe(false)
  vi.advanceTimersByTime(200)
  expect(cache.applied).toBe(0)
})

test('An element that left the page is let go of, and clear forgets all', () => {
  const cache = new ElementCache(100)
  const [gone, stays] = [shown(), shown()]
  cache.update(gone, 1)
  cache.update(stays, 1)
  vi.advanceTimersByTime(200)
  gone.remove()
  cache.update(stays, 2)
  vi.advanceTimersByTime(200)
  expect(cache.size).toBe(1)
  cache.clear()
  expect(cache.size).toBe(0)
})
