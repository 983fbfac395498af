import { beforeEach, expect, test } from 'vitest'
import type { Command } from './Command'
import { Keys } from './Keys'

const Nowhere = { isTyping: false, hasOwnKeys: false }
let ran: string[]
let now: number
let keys: Keys

const command = (id: string, ...of: string[]): Command => ({
  id,
  title: id,
  group: 'Tape',
  icon: 'tape',
  keys: of,
  run: () => ran.push(id),
})
const press = (key: string, more: object = {}, focus = Nowhere): boolean =>
  keys.press({ key, ctrlKey: false, metaKey: false, altKey: false, ...more }, focus)

beforeEach(() => {
  ran = []
  now = 1_000
  keys = new Keys({
    now: () => now,
    commands: [
      command('next', 'j'),
      command('pause', 'Space'),
      command('open', 'Enter'),
      command('gamma', 'g g'),
      command('flow', 'g f'),
      command('filters', 'f'),
    ],
  })
})

test('A key runs its command', () => {
  expect(press('j')).toBe(true)
  expect(press(' ')).toBe(true)
  expect(press('x')).toBe(false)
  expect(ran).toEqual(['next', 'pause'])
})

test('Two keys one after the other are another command than the second alone', () => {
  expect(press('g')).toBe(true)
  expect(keys.pending.get()).toBe('g')
  expect(press('f')).toBe(true)
  expect(ran).toEqual(['flow'])
  expect(keys.pending.get()).toBeNull()
  press('f')
  expect(ran).toEqual(['flow', 'filters'])
})

test('A second key that comes late counts alone, and one that makes no pair does nothing', () => {
  press('g')
  now += 1_501
  keys.lapse()
  expect(keys.pending.get()).toBeNull()
  press('f')
  expect(ran).toEqual(['filters'])
  press('g')
  keys.lapse()
  expect(keys.pending.get()).toBe('g')
  expect(press('j')).toBe(true)
  expect(ran).toEqual(['filters'])
})

test('While a field has the focus letters are written, and Ctrl K is a command all the same', () => {
  const typing = { isTyping: true, hasOwnKeys: true }
  for (const key of ['j', ' ', '?', 'g']) expect(press(key, {}, typing)).toBe(false)
  expect(ran).toEqual([])
  expect(press('k', { ctrlKey: true }, typing)).toBe(true)
  expect(keys.overlay.get()).toBe('palette')
})

test('The command key is the control key of another system', () => {
  expect(press('K', { metaKey: true })).toBe(true)
  expect(keys.overlay.get()).toBe('palette')
  expect(press('j', { ctrlKey: true })).toBe(false)
  expect(press('j', { altKey: true })).toBe(false)
})

test('A control with the focus keeps Enter and Space; letters are commands there', () => {
  const control = { isTyping: false, hasOwnKeys: true }
  expect(press(' ', {}, control)).toBe(false)
  expect(press('Enter', {}, control)).toBe(false)
  expect(press('j', {}, control)).toBe(true)
  expect(ran).toEqual(['next'])
})

test('Under an overlay single keys rest', () => {
  press('?')
  expect(keys.overlay.get()).toBe('keys')
  expect(press('j')).toBe(false)
  keys.show('none')
  expect(press('j')).toBe(true)
})

test('Single keys can be switched off; Ctrl K stays', () => {
  keys.areSinglesOn.set(false)
  expect(press('j')).toBe(false)
  expect(press('?')).toBe(false)
  expect(press('k', { ctrlKey: true })).toBe(true)
})

test('No two commands have one key', () => {
  expect(() => new Keys({ commands: [command('a', 'x'), command('b', 'x')] })).toThrow(
    'Two commands have the key x',
  )
})
