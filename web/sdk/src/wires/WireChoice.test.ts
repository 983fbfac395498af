import { expect, test } from 'vitest'
import { WireChoice } from './WireChoice'

const all = ['websocket', 'sse', 'poll'] as const

test('Two failures in a row lead to the next wire, and after the last to the first', () => {
  const choice = new WireChoice(all, 1000)
  const seen = [choice.present]
  for (let i = 0; i < 6; i++) {
    choice.failed()
    seen.push(choice.present)
  }
  expect(seen).toEqual(['websocket', 'websocket', 'sse', 'sse', 'poll', 'poll', 'websocket'])
})

test('One that worked in between is not in a row', () => {
  const choice = new WireChoice(all, 1000)
  choice.failed()
  choice.worked()
  choice.failed()
  expect(choice.present).toBe('websocket')
})

test('On a lesser wire the better ones are tried in turn, ever more rarely', () => {
  const choice = new WireChoice(all, 1000)
  for (let i = 0; i < 4; i++) choice.failed()
  const tries: [string | null, number][] = []
  for (let i = 0; i < 5; i++) {
    tries.push([choice.better, choice.betterAfter])
    choice.betterFailed()
  }
  expect(tries).toEqual([
    ['websocket', 1000],
    ['sse', 2000],
    ['websocket', 4000],
    ['sse', 8000],
    ['websocket', 10_000],
  ])
  choice.moveUp()
  expect([choice.present, choice.better, choice.betterAfter]).toEqual(['sse', 'websocket', 1000])
})
