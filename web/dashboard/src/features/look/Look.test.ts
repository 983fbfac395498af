import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LookChoice } from './Look'

let kept: Record<string, string>
const root = (): { dataset: DOMStringMap } => ({ dataset: {} })

beforeEach(() => {
  kept = {}
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept[key] ?? null,
    setItem: (key: string, value: string) => {
      kept[key] = value
    },
  })
})
afterEach(() => vi.unstubAllGlobals())

test('A first visit is dark, green and red, dense; or of high contrast where the system asks for it', () => {
  const element = root()
  expect(new LookChoice(element, false).get()).toEqual({ theme: 'dark', pair: 'green-red', density: 'dense' })
  expect(element.dataset).toEqual({ theme: 'dark', pair: 'green-red', density: 'dense' })
  expect(new LookChoice(root(), true).get().theme).toBe('contrast')
})

test('A choice stands on the root element and is remembered', () => {
  const element = root()
  const look = new LookChoice(element, true)
  let told = 0
  look.subscribe(() => told++)
  look.choose({ theme: 'light', pair: 'blue-orange' })
  look.choose({ density: 'comfortable' })
  expect(told).toBe(2)
  expect(element.dataset).toEqual({ theme: 'light', pair: 'blue-orange', density: 'comfortable' })
  expect(new LookChoice(root(), true).get()).toEqual(look.get())
})

test('One key goes between dark and light', () => {
  const look = new LookChoice(root(), false)
  const seen = [0, 1, 2].map(() => {
    look.invert()
    return look.get().theme
  })
  expect(seen).toEqual(['light', 'dark', 'light'])
})

test.each(['null', '7', '"dark"', '{"theme":"pink","pair":1}', '[]'])(
  'What was kept as %s cannot be used',
  text => {
    kept['tidewire.look'] = text
    expect(new LookChoice(root(), false).get()).toEqual({
      theme: 'dark',
      pair: 'green-red',
      density: 'dense',
    })
  },
)
