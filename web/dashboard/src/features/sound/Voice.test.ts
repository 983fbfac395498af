import { expect, test } from 'vitest'
import { spokenMoney } from '../../ui/figures'
import { spoken } from './HeardAlert'
import { Voice } from './Voice'

test('An alert is spoken as a person would say it', () => {
  const alert = {
    ticker: 'TSLA',
    contract: 'x',
    strike: 250,
    type: 'C',
    premium: 265_000,
    size: 1,
    isSweep: true,
  } as const
  expect(spoken(alert, spokenMoney)).toBe('TSLA 250 calls, 265 thousand, sweep')
  expect(spoken({ ...alert, type: 'P', isSweep: false, premium: null }, spokenMoney)).toBe('TSLA 250 puts')
  expect(spoken({ ...alert, strike: null }, spokenMoney)).toBe('TSLA, 265 thousand, sweep')
})

test('Sentences that cannot be kept up with are left out', () => {
  const sentences: { text: string; volume: number; onend: (() => void) | null }[] = []
  let isHushed = false
  const voice = new Voice(
    {
      speaking: false,
      pending: false,
      speak: sentence => sentences.push(sentence as never),
      cancel: () => {
        isHushed = true
      },
    },
    text => ({ text }) as SpeechSynthesisUtterance,
  )
  expect(['a', 'b', 'c'].map(text => voice.say(text, 0.5))).toEqual([true, true, false])
  sentences[0]?.onend?.()
  expect(voice.say('d', 0.5)).toBe(true)
  expect(sentences.map(({ text, volume }) => [text, volume])).toEqual([
    ['a', 0.5],
    ['b', 0.5],
    ['d', 0.5],
  ])
  voice.hush()
  expect(isHushed).toBe(true)
  expect(voice.say('e', 0.5)).toBe(true)
})

test('A browser without speech says so', () => {
  const voice = new Voice(null, text => ({ text }) as SpeechSynthesisUtterance)
  expect(voice.canSpeak).toBe(false)
  expect(voice.say('a', 1)).toBe(false)
})
