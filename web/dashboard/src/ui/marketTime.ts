/** Times as the market writes them: New York, whatever zone the browser is in. */
const Zone = 'America/New_York'

const clockFormat = new Intl.DateTimeFormat('en-GB', {
  timeZone: Zone,
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const fullFormat = new Intl.DateTimeFormat('en-GB', {
  timeZone: Zone,
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
})
const dayFormat = new Intl.DateTimeFormat('en-CA', {
  timeZone: Zone,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
})

/** `14:20:53`. */
export function marketClock(time: number): string {
  return clockFormat.format(time)
}

/** `Fri 16 May 14:20:53.114 ET`. */
export function marketTimestamp(time: number): string {
  return `${fullFormat.format(time).replaceAll(',', '')} ET`
}

/** The New York calendar day, `2025-05-16`. */
export function marketDay(time: number): string {
  return dayFormat.format(time)
}
