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

/** `14:20`. */
export function marketMinute(time: number): string {
  return clockFormat.format(time).slice(0, 5)
}

/** How long the New York day has been going on, ms. */
export function sinceMidnight(time: number): number {
  const [hours = 0, minutes = 0, seconds = 0] = marketClock(time).split(':').map(Number)
  return (hours * 3_600 + minutes * 60 + seconds) * 1_000 + (((time % 1_000) + 1_000) % 1_000)
}

const Months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A calendar day, `2025-05-16`, as `May 16`; with its year, `Jan 16 ’26`, when it is not that of `today`. */
export function dayText(day: string, today: string): string {
  const [year = '', month = '', date = ''] = day.split('-')
  const text = `${Months[Number(month) - 1] ?? month} ${Number(date)}`
  return year === today.slice(0, 4) ? text : `${text} ’${year.slice(2)}`
}

/** `Fri 16 May 14:20:53.114 ET`. */
export function marketTimestamp(time: number): string {
  return `${fullFormat.format(time).replaceAll(',', '')} ET`
}

/** The New York calendar day, `2025-05-16`. */
export function marketDay(time: number): string {
  // Rows of one minute share their day, and most ask in turn.
  const minute = Math.floor(time / 60_000)
  if (minute !== lastMinute) {
    lastMinute = minute
    lastDay = dayFormat.format(time)
  }
  return lastDay
}

let lastMinute = Number.NaN
let lastDay = ''
