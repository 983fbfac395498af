/** A JSON object of unknown fields, as it comes from the wire. */
export type JsonObject = { readonly [field: string]: unknown }

/** The value as an object, or null for anything else (arrays too). */
export function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}

/** The text, or null when it is absent, empty or not text. */
export function asText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** A finite number, written as a number or as text (feeds differ, even between fields of one payload). */
export function asNumber(value: unknown): number | null {
  if (typeof value === 'string' && value.trim() === '') return null
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}

const IsoTime =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(\.\d{1,3})?\d*\s?(?:Z|([+-]\d\d)(?::?(\d\d))?)?)?$/i

/** The last moment a date can hold, either way from 1970, ms. What is beyond is no time. */
const LastMoment = 8.64e15

/**
 * A time as epoch milliseconds: from ISO 8601 text or from a number of milliseconds, written as text too. The date and
 * the time may be parted by a space; without a zone it is UTC.
 */
export function asTime(value: unknown): number | null {
  const match = typeof value === 'string' ? IsoTime.exec(value.trim()) : null
  if (match === null) {
    const time = asNumber(value)
    return time === null || Math.abs(time) > LastMoment ? null : time
  }
  const [, day = '', time, fraction = '', hours, minutes = '00'] = match
  const zone = hours === undefined ? 'Z' : `${hours}:${minutes}`
  const parsed = Date.parse(time === undefined ? day : `${day}T${time}${fraction}${zone}`)
  return Number.isNaN(parsed) ? null : parsed
}

/** A calendar day, `2025-05-16`, out of a date or a time; null for what is neither. */
export function asDay(value: unknown): string | null {
  const day = asText(value)?.trim().slice(0, 10) ?? ''
  const parsed = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(day) : Number.NaN
  // Date.parse takes 31 June for 1 July; a day that does not come back as itself is not in the calendar.
  return !Number.isNaN(parsed) && new Date(parsed).toISOString().startsWith(day) ? day : null
}
