import { expect, test } from 'vitest'
import { isQuiet, parseTimeOfDay, timeOfDay } from './QuietHours'

test.each([
  ['22:30', 1_350],
  [' 7:05 ', 425],
  ['00:00', 0],
  ['24:00', null],
  ['7', null],
  ['7:5', null],
  ['', null],
])('%j as a time of day', (text, minutes) => {
  expect(parseTimeOfDay(text)).toBe(minutes)
  if (minutes !== null) expect(parseTimeOfDay(timeOfDay(minutes))).toBe(minutes)
})

test.each([
  [{ from: 1_320, to: 420 }, 1_320, true],
  [{ from: 1_320, to: 420 }, 0, true],
  [{ from: 1_320, to: 420 }, 419, true],
  [{ from: 1_320, to: 420 }, 420, false],
  [{ from: 720, to: 780 }, 750, true],
  [{ from: 720, to: 780 }, 780, false],
  [{ from: 720, to: 720 }, 720, false],
])('Quiet hours %j at minute %i', (hours, minute, expected) => {
  expect(isQuiet({ isOn: true, ...hours }, minute)).toBe(expected)
  expect(isQuiet({ isOn: false, ...hours }, minute)).toBe(false)
})
