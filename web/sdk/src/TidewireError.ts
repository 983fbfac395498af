/** What went wrong and, by its code, whether to try again. `code` is a closing code (1008, 4001 …) or an error code (105 …). */
export class TidewireError extends Error {
  override readonly name = 'TidewireError'
  readonly code: number
  /** The channel that it concerns, where it is one. */
  readonly channel: string | null

  constructor(code: number, message: string, channel: string | null = null) {
    super(message)
    this.code = code
    this.channel = channel
  }
}

/** The code of an error that no server gave: a wire, a token callback or an option. */
export const LocalFault = 0

/** What a client does when a connection ends with a code. */
export type EndRule = 'resume' | 'later' | 'renew' | 'stop'

const ends: Readonly<Record<number, readonly [EndRule, string?]>> = {
  1008: ['stop', 'The request cannot be served: change it'],
  1009: ['stop', 'A message was too large'],
  4001: ['stop', 'The option token is missing or invalid'],
  4003: ['stop', 'Not allowed'],
  4009: ['later'],
  4010: ['renew', 'The token has expired: make the option token a function'],
}

/** The rule of docs/protocol.md for a closing code. `reconnect` is what the closing message said; it rules where the code is unknown. */
export function ruleOf(code: number, reconnect: boolean): EndRule {
  return ends[code]?.[0] ?? (reconnect ? 'resume' : 'stop')
}

/** The error that a client stops with. */
export function stopped(code: number, reason: string): TidewireError {
  return new TidewireError(
    code,
    `${ends[code]?.[1] ?? 'The server ended the connection'}. (${code} ${reason})`,
  )
}
