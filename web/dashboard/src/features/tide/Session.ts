import { marketDay, sinceMidnight } from '../../ui/marketTime'

/** A stretch of market time, epoch ms: what the tide line is as wide as. */
export interface Session {
  /** Of an exchange, or of a market that never closes and is shown as a window that moves along. */
  readonly kind: 'exchange' | 'window'
  readonly from: number
  readonly to: number
}

const Minute = 60_000
const Day = 86_400_000
const Opens = 9.5 * 60 * Minute
const Closes = 16 * 60 * Minute
/** As long as a session of the exchange, so that both are drawn to the same scale. */
const WindowLength = Closes - Opens
const WindowStep = 30 * Minute

/** The session of the exchange that began last: today's from 09:30 New York time on, else that of the last weekday. */
export function exchangeSession(now: number): Session {
  const midnight = now - sinceMidnight(now)
  // Noon is in the day whatever the clocks did at night.
  for (let back = now - midnight >= Opens ? 0 : 1; ; back++) {
    const noon = midnight + 12 * 60 * Minute - back * Day
    if (isWeekday(noon)) {
      const start = noon - sinceMidnight(noon)
      return { kind: 'exchange', from: start + Opens, to: start + Closes }
    }
  }
}

/** The window of a market that never closes: it moves on by half an hour, with up to half an hour of it still to come. */
export function movingWindow(now: number): Session {
  const to = (Math.floor(now / WindowStep) + 1) * WindowStep
  return { kind: 'window', from: to - WindowLength, to }
}

function isWeekday(time: number): boolean {
  const weekday = new Date(`${marketDay(time)}T12:00:00Z`).getUTCDay()
  return weekday !== 0 && weekday !== 6
}
