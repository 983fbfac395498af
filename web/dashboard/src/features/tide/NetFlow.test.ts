import { beforeEach, expect, test } from 'vitest'
import { ScriptedChannels } from '../../stream/ScriptedChannels'
import { NetFlow } from './NetFlow'

const Noon = Date.parse('2025-05-16T16:00:00Z')
let channels: ScriptedChannels
let flushes: (() => void)[]
let flow: NetFlow

const tick = (ticker: string, at: number, call: string): object => ({
  ticker,
  net_call_prem: call,
  net_call_vol: 3,
  net_put_prem: '-5.50',
  net_put_vol: -1,
  time: at,
})
function soon(): void {
  for (const flush of flushes.splice(0)) flush()
}

beforeEach(() => {
  channels = new ScriptedChannels()
  flushes = []
  flow = new NetFlow({
    channels,
    now: () => Noon,
    isAlwaysOpen: () => false,
    schedule: flush => flushes.push(flush),
  })
})

test('The chosen ticker is read while somebody looks', () => {
  expect(channels.read).toEqual([])
  const close = flow.open()
  channels.says('net_flow:SPY', 'live', tick('SPY', Noon, '120.25'), 'noise')
  soon()
  expect(flow.get()).toMatchObject({
    ticker: 'SPY',
    steps: [{ at: Noon, call: 120.25, put: -5.5 }],
    isLoaded: true,
  })
  close()
  expect(channels.read).toEqual([])
})

test('Another ticker begins with nothing of the first', () => {
  flow.open()
  channels.says('net_flow:SPY', 'live', tick('SPY', Noon, '1'))
  soon()
  expect(flow.choose(' tsla ')).toBeNull()
  expect(channels.read).toEqual(['net_flow:TSLA'])
  expect(flow.get()).toMatchObject({ ticker: 'TSLA', steps: [], firstAt: null, isLoaded: false })
})

test('What is no ticker is not chosen, and says why', () => {
  flow.open()
  expect(flow.choose('a b')).toContain('is no ticker')
  expect(channels.read).toEqual(['net_flow:SPY'])
})
