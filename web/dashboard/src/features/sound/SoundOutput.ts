import type { Tone } from './tones'

/** What of an AudioContext is used, so that a test can stand in for the browser. */
export type AudioEngine = Pick<
  AudioContext,
  | 'state'
  | 'currentTime'
  | 'destination'
  | 'resume'
  | 'createOscillator'
  | 'createGain'
  | 'createBufferSource'
  | 'decodeAudioData'
> & { onstatechange: ((this: never, event: Event) => unknown) | null }

/** Settings of {@link SoundOutput}. */
export interface SoundOutputOptions {
  readonly open: () => AudioEngine
  /** Whether the reader has pressed anything yet: before that a browser lets no page sound, and says so in its log. */
  readonly wasTouched: () => boolean
}

/** Whether the browser lets the page sound. */
export type OutputState = 'closed' | 'muted' | 'running'

/** The quietest level an exponential fall can end at. */
const Silence = 0.0001
const Attack = 0.006

/** The page's way to the loudspeaker. It is opened when sound is wanted, and plays nothing while the browser holds it back. */
export class SoundOutput {
  readonly #options: SoundOutputOptions
  #engine: AudioEngine | null = null
  #wanted = false
  readonly #readers = new Set<() => void>()

  constructor(options: SoundOutputOptions) {
    this.#options = options
  }

  get state(): OutputState {
    if (!this.#wanted) return 'closed'
    return this.#engine?.state === 'running' ? 'running' : 'muted'
  }

  /** Calls `reader` when the state may have changed. The result ends it. */
  subscribe(reader: () => void): () => void {
    this.#readers.add(reader)
    return () => this.#readers.delete(reader)
  }

  /** Sound is wanted, or not any more. Called from a press, the browser allows it; else the next press will. */
  want(wanted: boolean): void {
    this.#wanted = wanted
    if (wanted) this.unlock()
    else this.#tell()
  }

  /** The reader has pressed something: the moment at which a browser lets a page sound. */
  unlock(): void {
    if (this.#wanted && this.#options.wasTouched()) {
      if (this.#engine === null) {
        this.#engine = this.#options.open()
        this.#engine.onstatechange = () => this.#tell()
      }
      if (this.#engine.state !== 'running') void this.#engine.resume().then(() => this.#tell())
    }
    this.#tell()
  }

  /** Plays tones at a volume of 0 to 1. False when the browser holds it back. */
  play(tones: readonly Tone[], volume: number): boolean {
    const engine = this.#running()
    if (engine === null) return false
    for (const { at, lasts, hertz, shape, level } of tones) {
      const start = engine.currentTime + at
      const oscillator = engine.createOscillator()
      const gain = engine.createGain()
      oscillator.type = shape
      oscillator.frequency.value = hertz
      gain.gain.setValueAtTime(Silence, start)
      gain.gain.linearRampToValueAtTime(Math.max(Silence, level * volume), start + Attack)
      gain.gain.exponentialRampToValueAtTime(Silence, start + lasts)
      oscillator.connect(gain)
      gain.connect(engine.destination)
      oscillator.start(start)
      oscillator.stop(start + lasts)
    }
    return true
  }

  /** Plays a decoded sound of the reader's own. */
  playBuffer(buffer: AudioBuffer, volume: number): boolean {
    const engine = this.#running()
    if (engine === null) return false
    const source = engine.createBufferSource()
    const gain = engine.createGain()
    source.buffer = buffer
    gain.gain.value = volume
    source.connect(gain)
    gain.connect(engine.destination)
    source.start()
    return true
  }

  /** Decodes a file. Rejects where the browser cannot read it, or sound was never allowed. */
  async decode(bytes: ArrayBuffer): Promise<AudioBuffer> {
    if (this.#engine === null) throw new Error('Sound is not enabled.')
    // Decoding takes the bytes away from whoever holds them.
    return await this.#engine.decodeAudioData(bytes.slice(0))
  }

  #running(): AudioEngine | null {
    return this.state === 'running' ? this.#engine : null
  }

  #tell(): void {
    for (const reader of this.#readers) reader()
  }
}
