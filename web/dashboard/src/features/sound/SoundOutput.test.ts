import { beforeEach, expect, test, vi } from 'vitest'
import { type AudioEngine, SoundOutput } from './SoundOutput'
import { Sounds } from './tones'

/** A browser's audio: suspended until it is resumed, and only if it may be. */
function scriptedEngine(
  mayRun: () => boolean,
): AudioEngine & { started: { hertz: number; at: number; until: number; peak: number }[] } {
  const engine = {
    state: 'suspended' as AudioContextState,
    currentTime: 10,
    destination: {} as AudioDestinationNode,
    onstatechange: null as (() => void) | null,
    started: [] as { hertz: number; at: number; until: number; peak: number }[],
    async resume() {
      if (!mayRun()) return
      engine.state = 'running'
      engine.onstatechange?.()
    },
    createOscillator() {
      const tone = { hertz: 0, at: 0, until: 0, peak: 0 }
      return {
        type: '',
        frequency: {
          set value(hertz: number) {
            tone.hertz = hertz
          },
        },
        connect: (gain: { peaked: (level: number) => void; peak: number }) => {
          tone.peak = gain.peak
        },
        start: (at: number) => {
          tone.at = at
        },
        stop: (until: number) => {
          tone.until = until
          engine.started.push(tone)
        },
      }
    },
    createGain() {
      const node = {
        peak: 0,
        gain: {
          value: 1,
          setValueAtTime: vi.fn(),
          linearRampToValueAtTime: (level: number) => {
            node.peak = level
          },
          exponentialRampToValueAtTime: vi.fn(),
        },
        connect: vi.fn(),
      }
      return node
    },
    createBufferSource: vi.fn(),
    decodeAudioData: async () => ({ duration: 1 }),
  }
  return engine as never
}

let mayRun: boolean
let wasTouched: boolean
let opened: number
let engine: ReturnType<typeof scriptedEngine>
let output: SoundOutput

beforeEach(() => {
  mayRun = true
  wasTouched = true
  opened = 0
  engine = scriptedEngine(() => mayRun)
  output = new SoundOutput({
    open: () => {
      opened++
      return engine
    },
    wasTouched: () => wasTouched,
  })
})

test('Nothing is opened before sound is wanted', () => {
  expect(output.state).toBe('closed')
  expect(output.play(Sounds.premium, 1)).toBe(false)
  expect(opened).toBe(0)
})

test('Wanted from a press, it runs', async () => {
  output.want(true)
  await vi.waitFor(() => expect(output.state).toBe('running'))
  output.want(false)
  expect(output.state).toBe('closed')
  output.want(true)
  expect(opened).toBe(1)
})

test('Wanted before any press, the browser is not even asked; the first press lets it sound', async () => {
  wasTouched = false
  let told = 0
  output.subscribe(() => told++)
  output.want(true)
  expect([output.state, opened]).toEqual(['muted', 0])
  wasTouched = true
  output.unlock()
  await vi.waitFor(() => expect(output.state).toBe('running'))
  expect(told).toBeGreaterThan(1)
})

test('A browser that holds the sound back is said to, and plays nothing', () => {
  mayRun = false
  output.want(true)
  expect(output.state).toBe('muted')
  expect(output.play(Sounds.watch, 1)).toBe(false)
  expect(engine.started).toEqual([])
})

test('Tones begin one after the other, as loud as the volume', async () => {
  output.want(true)
  await vi.waitFor(() => expect(output.state).toBe('running'))
  expect(output.play(Sounds.watch, 0.5)).toBe(true)
  expect(engine.started.map(({ hertz, at }) => [hertz, at])).toEqual([
    [523.3, 10],
    [659.3, 10.11],
    [784, 10.22],
  ])
  expect(engine.started[0]?.peak).toBeCloseTo(0.35)
  expect(engine.started[0]?.until).toBeCloseTo(10.28)
})

test('Before sound was allowed no file can be decoded', async () => {
  await expect(output.decode(new ArrayBuffer(8))).rejects.toThrow('not enabled')
})
