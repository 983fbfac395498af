import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Toasts } from './Toasts'

let toasts: Toasts
const titles = (): string[] => toasts.get().map(({ title }) => title)

beforeEach(() => {
  vi.useFakeTimers()
  toasts = new Toasts()
})
afterEach(() => vi.useRealTimers())

test('A notice goes away by itself', () => {
  let told = 0
  toasts.subscribe(() => told++)
  toasts.show({ title: 'Link copied' })
  expect(toasts.get()).toEqual([
    { id: 1, kind: 'normal', icon: 'check', title: 'Link copied', body: null, action: null },
  ])
  vi.advanceTimersByTime(8_000)
  expect(titles()).toEqual([])
  expect(told).toBe(2)
})

test('An error stays until it is taken away', () => {
  const dismiss = toasts.show({ kind: 'error', title: 'Not saved' })
  vi.advanceTimersByTime(60_000)
  expect(titles()).toEqual(['Not saved'])
  dismiss()
  expect(titles()).toEqual([])
})

test('A notice that is read stays, and has its whole time afterwards', () => {
  toasts.show({ title: 'a' })
  vi.advanceTimersByTime(7_000)
  toasts.hold(1)
  vi.advanceTimersByTime(60_000)
  expect(titles()).toEqual(['a'])
  toasts.resume(1)
  vi.advanceTimersByTime(7_999)
  expect(titles()).toEqual(['a'])
  vi.advanceTimersByTime(1)
  expect(titles()).toEqual([])
})

test('Three are shown at most, and the oldest gives way', () => {
  for (const title of ['a', 'b', 'c', 'd']) toasts.show({ title })
  expect(titles()).toEqual(['b', 'c', 'd'])
})
