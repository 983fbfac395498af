import { type Reason, Reasons } from './HeardAlert'
import type { QuietHours } from './QuietHours'

/** What is done for one reason. */
export interface ReasonChoice {
  readonly sounds: boolean
  readonly speaks: boolean
  readonly notifies: boolean
  /** The file that is played in place of the built-in sound, by name; null for the built-in one. */
  readonly ownName: string | null
}

/** How alerts are heard on this device. */
export interface SoundChoices {
  readonly isOn: boolean
  /** 0 to 1. */
  readonly volume: number
  readonly quiet: QuietHours
  readonly reasons: Readonly<Record<Reason, ReasonChoice>>
}

const FirstVolume = 0.6
const Night: QuietHours = { isOn: false, from: 22 * 60, to: 7 * 60 }
const First: ReasonChoice = { sounds: true, speaks: false, notifies: false, ownName: null }

/** The choices that were kept, with the first ones for what cannot be used. */
export function readChoices(kept: unknown): SoundChoices {
  const of = fieldsOf(kept)
  const quiet = fieldsOf(of.quiet)
  const reasons = fieldsOf(of.reasons)
  return {
    isOn: of.isOn === true,
    volume: typeof of.volume === 'number' && of.volume >= 0 && of.volume <= 1 ? of.volume : FirstVolume,
    quiet: {
      isOn: quiet.isOn === true,
      from: minuteOf(quiet.from) ?? Night.from,
      to: minuteOf(quiet.to) ?? Night.to,
    },
    reasons: Object.fromEntries(
      Reasons.map(reason => {
        const choice = fieldsOf(reasons[reason])
        return [
          reason,
          {
            sounds: choice.sounds !== false,
            speaks: choice.speaks === true,
            notifies: choice.notifies === true,
            ownName: typeof choice.ownName === 'string' ? choice.ownName : First.ownName,
          },
        ]
      }),
    ) as Record<Reason, ReasonChoice>,
  }
}

function fieldsOf(value: unknown): { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function minuteOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 1_440 ? value : null
}
