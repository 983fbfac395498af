import type { Stats } from '@tidewire/sdk'
import { type ChannelStates, NotMeasured } from '../../stream/FeedStates'
import type { StatusView } from './StatusStore'

/** What of the figures is counted, in the order of the contract; then what is measured. */
export const StatNames = [
  'connected',
  'reconnecting',
  'reconnectAttempts',
  'messagesReceived',
  'messagesSent',
  'updatesApplied',
  'reconnects',
  'errors',
  'lastMessageTime',
  'subscriptions',
  'queueSize',
  'pendingUpdates',
  'cacheSize',
  'roundTripMs',
  'clockSkewMs',
  'lagMs',
  'duplicates',
  'wire',
] as const satisfies readonly (keyof Stats)[]

/** One figure as text: what is unknown as a dash, of names how many there are. */
export function statText(name: keyof Stats, stats: Stats): string {
  const value = stats[name]
  if (value === null) return '–'
  if (typeof value === 'object') return String(value.length)
  return typeof value === 'number' ? String(Math.round(value)) : String(value)
}

/**
 * Everything the page knows of its connection, for a bug report. It holds no token: of the address only where the server
 * is, of sentences only the server's own, in which it prints none.
 */
export function diagnostics(
  view: StatusView,
  page: { readonly now: number; readonly address: string; readonly browser: string; readonly size: string },
  names: readonly string[],
  states: ChannelStates,
): string {
  const { status, stats, link } = view
  const { origin, pathname } = new URL(page.address)
  const time = (at: number | null | undefined): string => (at == null ? '–' : new Date(at).toISOString())
  const facts: readonly (readonly [string, string | number | boolean | null | undefined])[] = [
    ['at', time(page.now)],
    ['page', origin + pathname],
    ['browser', page.browser],
    ['size', page.size],
    ['server', status?.version],
    ['condition', `${view.condition} since ${time(view.since)}`],
    ['connection', `${link.state}, attempt ${link.attempt}, next ${time(link.retryAt)}`],
    ['fault', link.fault],
    ['upstream', status?.state],
    ['upstream reason', status?.upstream.reason],
    ['upstream attempt', status?.upstream.attempt],
    ['last frame', time(status?.upstream.lastFrameAt)],
    ['simulated', status?.simulated],
    ['recording', status?.recording],
    ['request budget', status?.budget == null ? null : `${status.budget.used} of ${status.budget.limit}`],
  ]
  const lines = facts.map(([name, value]) => `${name}: ${value ?? '–'}`)
  const figures = StatNames.map(name => `  ${name}: ${statText(name, stats)}`)
  const channels = names.map(name => {
    const { measured, reason, lastAt } = states.get(name) ?? NotMeasured
    return `  ${name}: ${measured}, last ${time(lastAt)}${reason === null ? '' : `, ${reason}`}`
  })
  return ['Tidewire diagnostics', ...lines, 'client:', ...figures, 'channels:', ...channels, ''].join('\n')
}
