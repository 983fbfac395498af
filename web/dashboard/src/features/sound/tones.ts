import type { Reason } from './HeardAlert'

/** One tone of a sound that the browser makes itself. Times in seconds from the sound's beginning. */
export interface Tone {
  readonly at: number
  readonly lasts: number
  readonly hertz: number
  readonly shape: 'sine' | 'triangle' | 'square'
  /** How loud against the volume, 0 to 1. It dies away to nothing by its end. */
  readonly level: number
}

/** The partials of a small bell: not multiples of the lowest, or it would be a pipe. */
const Partials = [
  [1, 0.5, 1.6],
  [2.76, 0.28, 0.9],
  [5.4, 0.14, 0.5],
] as const

const knock = (at: number, hertz: number): Tone => ({ at, lasts: 0.16, hertz, shape: 'square', level: 0.45 })
const step = (at: number, hertz: number): Tone => ({ at, lasts: 0.28, hertz, shape: 'triangle', level: 0.7 })

/** The three sounds: a loud double knock, a bell, and three rising steps. They differ in kind, not in pitch alone. */
export const Sounds: Readonly<Record<Reason, readonly Tone[]>> = {
  premium: [knock(0, 880), knock(0.18, 1_174.7), knock(0.44, 880), knock(0.62, 1_174.7)],
  volume: Partials.map(([ratio, level, lasts]) => ({
    at: 0,
    lasts,
    hertz: 659.3 * ratio,
    shape: 'sine',
    level,
  })),
  watch: [step(0, 523.3), step(0.11, 659.3), step(0.22, 784)],
}
