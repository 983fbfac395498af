import { asNumber, asObject, asText, asTime, type JsonObject } from '../../stream/json'

/** What `/api/stream/status` can say about the upstream. */
export type UpstreamState =
  | 'connected'
  | 'connecting'
  | 'disconnected'
  | 'not_entitled'
  | 'simulated'
  | 'disabled'

const States: readonly string[] = [
  'connected',
  'connecting',
  'disconnected',
  'not_entitled',
  'simulated',
  'disabled',
] satisfies UpstreamState[]

/** One answer of `/api/stream/status`. Times are epoch ms on the server's clock. */
export interface ServerStatus {
  readonly state: UpstreamState
  readonly simulated: boolean
  readonly message: string | null
  readonly serverTime: number | null
  readonly version: string | null
  readonly upstream: {
    readonly attempt: number
    readonly channels: readonly string[]
    readonly since: number | null
    readonly lastFrameAt: number | null
    readonly nextAttemptAt: number | null
    readonly reason: string | null
  }
  readonly totalClients: number | null
  /** What may be asked of the provider over REST, or null when nothing is asked. */
  readonly budget: RequestBudget | null
  /** `recording`, `degraded` or `off`, or null from a server that does not say. */
  readonly recording: string | null
}

/** The ledger of REST requests, of a day and of a minute. */
export interface RequestBudget {
  readonly used: number
  readonly limit: number
  readonly remaining: number | null
  readonly minuteUsed: number | null
  readonly minuteLimit: number | null
  readonly resetsAt: number | null
  readonly problem: string | null
}

/** Reads an answer. Null when it is not one: an error page of a proxy is no status. */
export function parseServerStatus(body: unknown): ServerStatus | null {
  const answer = asObject(body)
  const state = answer?.status
  if (answer === null || typeof state !== 'string' || !States.includes(state)) return null
  const upstream = asObject(answer.uw_connection) ?? {}
  const channels = Array.isArray(upstream.subscribed_channels)
    ? (upstream.subscribed_channels as unknown[])
    : []
  return {
    state: state as UpstreamState,
    simulated: answer.simulated === true,
    message: asText(answer.message),
    serverTime: asTime(answer.server_time),
    version: asText(answer.version),
    upstream: {
      attempt: asNumber(upstream.attempt) ?? asNumber(upstream.reconnect_attempts) ?? 0,
      channels: channels.filter(channel => typeof channel === 'string'),
      since: asTime(upstream.since),
      lastFrameAt: asTime(upstream.last_frame_at),
      nextAttemptAt: asTime(upstream.next_attempt_at),
      reason: asText(upstream.reason),
    },
    totalClients: asNumber(answer.total_clients),
    budget: parseBudget(asObject(answer.request_budget)),
    recording: asText(asObject(answer.recording)?.state),
  }
}

function parseBudget(budget: JsonObject | null): RequestBudget | null {
  const used = asNumber(budget?.used)
  const limit = asNumber(budget?.limit)
  if (budget === null || used === null || limit === null) return null
  return {
    used,
    limit,
    remaining: asNumber(budget.remaining),
    minuteUsed: asNumber(budget.minute_used),
    minuteLimit: asNumber(budget.minute_limit),
    resetsAt: asTime(budget.resets_at),
    problem: asText(budget.problem),
  }
}
