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

/** A time as epoch milliseconds: from ISO 8601 text or from a number of milliseconds. */
export function asTime(value: unknown): number | null {
  if (typeof value !== 'string') return asNumber(value)
  const parsed = Date.parse(value)
  return Number.isNaN(parsed) ? asNumber(value) : parsed
}
