import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { HeardAlert } from './HeardAlert'
import type { OwnSound } from './OwnSounds'
import { SoundDesk } from './SoundDesk'
import { type AudioEngine, SoundOutput } from './SoundOutput'
import { Sounds } from './tones'
import { Voice } from './Voice'

/* The browser's side: what it was asked to play, say and show. */
let played: (readonly unknown[])[]
let said: string[]
let shown: string[]
let asked: number
let answer: NotificationPermission
let permission: NotificationPermission
let kept: Map<string, OwnSound>
let decoded: { duration: number } | null
let now: number
let minute: number
let storage: Record<string, string>
let desk: SoundDesk

class BrowserOutput extends SoundOutput {
  override play(tones: Parameters<SoundOutput['play']>[0], volume: number): boolean {
    if (this.state !== 'running') return false
    played.push([tones, volume])
    return true
  }
  override playBuffer(buffer: AudioBuffer, volume: number): boolean {
    if (this.state !== 'running') return false
    played.push([buffer, volume])
    return true
  }
  override decode(): Promise<AudioBuffer> {
    return decoded === null ? Promise.reject(new Error('no sound')) : Promise.resolve(decoded as AudioBuffer)
  }
}
const engine = {
  state: 'running',
  onstatechange: null,
  resume: async () => undefined,
} as unknown as AudioEngine

function open(): SoundDesk {
  return new SoundDesk({
    output: new BrowserOutput({ open: () => engine, wasTouched: () => true }),
    voice: new Voice(
      {
        speaking: false,
        pending: false,
        cancel: () => undefined,
        speak: sentence => {
          said.push(sentence.text)
          sentence.onend?.call(sentence, {} as SpeechSynthesisEvent)
        },
      },
      text => ({ text }) as SpeechSynthesisUtterance,
    ),
    notices: {
      get permission() {
        return permission
      },
      request: async () => {
        asked++
        permission = answer
        return permission
      },
      show: (title, body) => shown.push(`${title} | ${body}`),
    },
    shelf: {
      get: async reason => kept.get(reason) ?? null,
      put: async (reason, sound) => {
        if (sound === null) kept.delete(reason)
        else kept.set(reason, sound)
      },
    },
    isWatched: ticker => ticker === 'SPY',
    now: () => now,
    minuteOfDay: () => minute,
  })
}
const alert = (changes: Partial<HeardAlert> = {}): HeardAlert => ({
  ticker: 'TSLA',
  contract: 'TSLA250C',
  strike: 250,
  type: 'C',
  premium: 265_000,
  size: 10,
  isSweep: true,
  ...changes,
})
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

beforeEach(() => {
  played = []
  said = []
  shown = []
  asked = 0
  answer = 'granted'
  permission = 'default'
  kept = new Map()
  decoded = { duration: 2 }
  now = 0
  minute = 600
  storage = {}
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => storage[key] ?? null,
    setItem: (key: string, value: string) => {
      storage[key] = value
    },
  })
  desk = open()
})
afterEach(() => vi.unstubAllGlobals())

test('Nothing is heard before sound is enabled, and nothing is asked for', async () => {
  desk.hear(alert({ premium: 2_000_000 }))
  await settled()
  expect([played, said, shown, asked]).toEqual([[], [], [], 0])
  expect(desk.get().output).toBe('closed')
})

test('A premium of more than $500K knocks, at the volume of this device', async () => {
  desk.enable(true)
  desk.setVolume(0.25)
  expect(desk.hear(alert({ premium: 500_000 }))).toEqual([])
  expect(desk.hear(alert({ premium: 500_001 }))).toEqual(['premium'])
  await settled()
  expect(played).toEqual([[Sounds.premium, 0.25]])
})

test('More than ten times the average of a contract rings', async () => {
  desk.enable(true)
  for (let index = 0; index < 3; index++) desk.hear(alert({ size: 10 }))
  expect(desk.hear(alert({ size: 101 }))).toEqual(['volume'])
  await settled()
  expect(played).toEqual([[Sounds.volume, 0.6]])
})

test('A watched ticker has its own sound, and of several reasons the first is heard', async () => {
  desk.enable(true)
  expect(desk.hear(alert({ ticker: 'SPY' }))).toEqual(['watch'])
  expect(desk.hear(alert({ ticker: 'SPY', premium: 900_000 }))).toEqual(['premium', 'watch'])
  await settled()
  expect(played.map(([sound]) => sound)).toEqual([Sounds.watch, Sounds.premium])
})

test('One sound a second for a reason, however many alerts come', async () => {
  desk.enable(true)
  for (let index = 0; index < 50; index++) desk.hear(alert({ premium: 900_000 }))
  now = 1_000
  desk.hear(alert({ premium: 900_000 }))
  await settled()
  expect(played).toHaveLength(2)
})

test('What is switched off for a reason is not done, and what is switched on is', async () => {
  desk.enable(true)
  await desk.choose('premium', { sounds: false, speaks: true })
  desk.hear(alert({ premium: 1_200_000 }))
  await settled()
  expect(played).toEqual([])
  expect(said).toEqual(['TSLA 250 calls, 1.2 million, sweep'])
})

test('The browser is asked for notices when a rule wants them, once, and they say the rule', async () => {
  await desk.choose('watch', { notifies: true })
  expect(asked).toBe(1)
  await desk.choose('premium', { notifies: true })
  expect(asked).toBe(1)
  desk.hear(alert({ ticker: 'SPY', type: 'P' }))
  expect(shown).toEqual(['SPY 250 puts, 265 thousand, sweep | Watch-list: a ticker that you watch'])
})

test('A browser that refuses notices shows none, and the choice is not on', async () => {
  answer = 'denied'
  await desk.choose('watch', { notifies: true })
  expect(desk.get().choices.reasons.watch.notifies).toBe(false)
  expect(desk.get().permission).toBe('denied')
  await desk.choose('watch', { notifies: true })
  expect(asked).toBe(1)
  desk.hear(alert({ ticker: 'SPY' }))
  expect(shown).toEqual([])
})

test('In quiet hours nothing is heard, spoken or shown; a test is', async () => {
  desk.enable(true)
  await desk.choose('premium', { speaks: true, notifies: true })
  desk.setQuiet({ isOn: true, from: 540, to: 660 })
  desk.hear(alert({ premium: 900_000 }))
  await settled()
  expect([played, said, shown]).toEqual([[], [], []])
  expect(await desk.test('premium')).toBe(true)
  minute = 660
  desk.hear(alert({ premium: 900_000 }))
  await settled()
  expect(said).toHaveLength(1)
})

test('A file is the sound of a reason from then on, on the next visit too, until it is taken back', async () => {
  desk.enable(true)
  const file = { name: 'gong.wav', size: 4, arrayBuffer: async () => new ArrayBuffer(4) }
  expect(await desk.takeSound('watch', file)).toBeNull()
  expect(await desk.test('watch')).toBe(true)
  desk = open()
  expect(desk.get().choices.reasons.watch.ownName).toBe('gong.wav')
  await desk.test('watch')
  expect(played.map(([sound]) => sound)).toEqual([decoded, decoded])
  await desk.dropSound('watch')
  await desk.test('watch')
  expect(played.at(-1)?.[0]).toBe(Sounds.watch)
  expect(kept.size).toBe(0)
})

test.each([
  [0, 1, 'is empty'],
  [2_000_000, 1, '1.9 MiB. At most 1 MiB'],
  [4, 42, '42 seconds long. At most 10'],
  [4, null, 'no sound that this browser can read'],
])('A file of %i bytes and %j seconds is not taken, and says why', async (size, duration, why) => {
  desk.enable(true)
  decoded = duration === null ? null : { duration }
  expect(
    await desk.takeSound('watch', { name: 'x.wav', size, arrayBuffer: async () => new ArrayBuffer(4) }),
  ).toContain(why)
  expect(desk.get().choices.reasons.watch.ownName).toBeNull()
})

test('A sound that is gone from the browser’s storage gives way to the built-in one', async () => {
  desk.enable(true)
  await desk.takeSound('watch', { name: 'gong.wav', size: 4, arrayBuffer: async () => new ArrayBuffer(4) })
  kept.clear()
  desk = open()
  await desk.test('watch')
  expect(played).toEqual([[Sounds.watch, 0.6]])
})

test.each(['null', '7', '{"volume":9,"quiet":{"from":-1},"reasons":{"premium":5}}'])(
  'What was kept as %s cannot be used',
  text => {
    storage['tidewire.sound'] = text
    expect(open().get().choices).toEqual({
      isOn: false,
      volume: 0.6,
      quiet: { isOn: false, from: 1_320, to: 420 },
      reasons: Object.fromEntries(
        ['premium', 'volume', 'watch'].map(reason => [
          reason,
          { sounds: true, speaks: false, notifies: false, ownName: null },
        ]),
      ),
    })
  },
)
