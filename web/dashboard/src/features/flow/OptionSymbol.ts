import { grouped } from '../../ui/figures'

/** An option contract as its symbol names it. */
export interface OptionSymbol {
  readonly root: string
  /** The expiry's calendar day, `2025-09-19`. */
  readonly expiry: string
  readonly type: 'C' | 'P'
  readonly strike: number
}

const Pattern = /^([A-Z0-9.]{1,8}?)\s*(\d{2})(\d{2})(\d{2})([CP])(\d{8})$/

/** Parses root, YYMMDD, C or P and the strike times 1000 in eight digits. Null when the text is no such symbol. */
export function parseOptionSymbol(text: string): OptionSymbol | null {
  const match = Pattern.exec(text.trim().toUpperCase())
  if (match === null) return null
  const [, root, year, month, day, type, strike] = match
  const expiry = `20${year}-${month}-${day}`
  // Date.parse takes 31 June for 1 July; a day that does not come back as itself is not in the calendar.
  const parsed = new Date(`${expiry}T00:00:00Z`)
  if (Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== expiry) return null
  if (root === undefined || (type !== 'C' && type !== 'P')) return null
  return { root, expiry, type, strike: Number(strike) / 1_000 }
}

/** Calendar days from `today` to the expiry. */
export function daysToExpiry(expiry: string, today: string): number {
  return Math.round((Date.parse(expiry) - Date.parse(today)) / 86_400_000)
}

/** `21,450`, `7.5`, `1172.5`: no decimals that say nothing, and no comma beside a decimal point. */
export function strikeText(strike: number): string {
  return Number.isInteger(strike) ? grouped(strike) : String(Number(strike.toFixed(3)))
}
