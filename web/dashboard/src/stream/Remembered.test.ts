import { afterEach, expect, test, vi } from 'vitest'
import { Remembered } from './Remembered'

function storage(kept: Record<string, string> = {}): Record<string, string> {
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept[key] ?? null,
    setItem: (key: string, value: string) => {
      kept[key] = value
    },
  })
  return kept
}
const isOn = (): Remembered<boolean> => new Remembered('on', kept => kept === true)

afterEach(() => vi.unstubAllGlobals())

test('A choice is there again at the next visit, and its readers hear of it', () => {
  const kept = storage()
  const choice = isOn()
  let told = 0
  choice.subscribe(() => told++)
  choice.set(true)
  expect([choice.get(), told, kept.on]).toEqual([true, 1, 'true'])
  expect(isOn().get()).toBe(true)
})

test.each(['', '{', '"true"', 'null'])('What was kept and cannot be used is the default: %j', text => {
  storage({ on: text })
  expect(isOn().get()).toBe(false)
})

test('Without storage a choice lasts as long as the page', () => {
  vi.stubGlobal('localStorage', {
    getItem: () => {
      throw new DOMException('denied')
    },
    setItem: () => {
      throw new DOMException('denied')
    },
  })
  const choice = isOn()
  choice.set(true)
  expect(choice.get()).toBe(true)
})
