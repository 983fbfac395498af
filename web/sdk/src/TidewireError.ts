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

const rules: Readonly<Record<number, EndRule>> = {
  1008: 'stop',
  1009: 'stop',
  4001: 'stop',
  4003: 'stop',
  4009: 'later',
  4010: 'renew',
}

/** The rule of docs/protocol.md for a closing code. `reconnect` is what the closing message said; it rules where the code is unknown. */
export function ruleOf(code: number, reconnect = true): EndRule {
  return rules[code] ?? (reconnect ? 'resume' : 'stop')
}

const causes: Readonly<Record<number, string>> = {
  1008: 'The server cannot serve this request. Change it, then connect again',
  1009: 'A message was larger than the server allows',
  4001: 'The token is missing or invalid. Give a valid one with the option token',
  4003: 'Not allowed: by the token, or for a page of this origin',
  4010: 'The token has expired. Give a function as the option token, so that it can be renewed',
}

/** The error that a client stops with. */
export function stopped(code: number, reason: string): TidewireError {
  return new TidewireError(code, `${causes[code] ?? 'The server ended the connection for good'}. (${code} ${reason})`)
}
