import { asNumber, asObject, asTime } from '../../stream/json'
import type { Increment } from './PremiumSeries'

/** Reads a payload of `market_tide`. Null when it holds neither premium; one that is missing counts as nothing. */
export function parseTide(data: unknown, receivedAt: number): Increment | null {
  return parse(data, receivedAt, 'net_call_premium', 'net_put_premium', 'timestamp')
}

/** Reads a payload of `net_flow`. */
export function parseNetFlow(data: unknown, receivedAt: number): Increment | null {
  return parse(data, receivedAt, 'net_call_prem', 'net_put_prem', 'time')
}

function parse(
  data: unknown,
  receivedAt: number,
  callName: string,
  putName: string,
  timeName: string,
): Increment | null {
  const payload = asObject(data)
  if (payload === null) return null
  const call = asNumber(payload[callName])
  const put = asNumber(payload[putName])
  if (call === null && put === null) return null
  const at = asTime(payload[timeName]) ?? asTime(payload.tape_time) ?? receivedAt
  return { at, call: call ?? 0, put: put ?? 0 }
}
