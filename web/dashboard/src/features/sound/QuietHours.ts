/** A time of day in minutes since midnight, or null for what is none: `22:30`. */
export function parseTimeOfDay(text: string): number | null {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text.trim())
  return match === null ? null : Number(match[1]) * 60 + Number(match[2])
}

/** `22:30`. */
export function timeOfDay(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** Hours in which nothing is heard, by the reader's own clock. They may go over midnight. */
export interface QuietHours {
  readonly isOn: boolean
  /** Minutes since midnight. */
  readonly from: number
  readonly to: number
}

/** Whether it is quiet at that minute of the day. From and to alike: never. */
export function isQuiet({ isOn, from, to }: QuietHours, minute: number): boolean {
  if (!isOn || from === to) return false
  return from < to ? minute >= from && minute < to : minute >= from || minute < to
}
