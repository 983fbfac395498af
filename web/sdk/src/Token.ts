import { readFrame } from './frames'
import { LocalFault, TidewireError } from './TidewireError'

/** A token, or a function that gets one; it is asked again when the token has expired or is about to. */
export type TokenSource = string | (() => string | null | Promise<string | null>)

/** A token is renewed so long before it expires, ms. */
const RenewBefore = 30_000

/** The client's token. It is sent to the server and nowhere else. */
export class Token {
  readonly #source: TokenSource | undefined
  readonly #within: number
  #held: Promise<string | null> | null = null
  #expiresAt = Number.POSITIVE_INFINITY

  /** A callback has so many ms to answer. */
  constructor(source: TokenSource | undefined, within: number) {
    this.#source = source
    this.#within = within
  }

  get canRenew(): boolean {
    return typeof this.#source === 'function'
  }

  /** When a new one should be sent, on the local clock; infinite when that is not known. */
  get renewAt(): number {
    return this.canRenew ? this.#expiresAt - RenewBefore : Number.POSITIVE_INFINITY
  }

  /** The token, asked for when none is held or the one held is about to expire. Null when there is none. */
  get(): Promise<string | null> {
    if (this.#held !== null && Date.now() < this.renewAt) return this.#held
    const asked = this.#ask()
    this.#held = asked
    // A failure is told to whoever asked; the next one asks anew.
    asked.catch(() => {
      if (this.#held === asked) this.#held = null
    })
    return asked
  }

  /** Forgets the token: the server no longer takes it. */
  renew(): void {
    if (this.canRenew) this.#held = null
  }

  async #ask(): Promise<string | null> {
    const source = this.#source
    const token = (typeof source === 'function' ? await this.#answer(source) : source) ?? null
    const expires = claimsOf(token).exp
    this.#expiresAt = typeof expires === 'number' ? expires * 1000 : Number.POSITIVE_INFINITY
    return token
  }

  #answer(source: () => ReturnType<Exclude<TokenSource, string>>): Promise<string | null> {
    return new Promise((resolve, reject) => {
      const fail = (how: string) => () => reject(new TidewireError(LocalFault, `The token callback ${how}.`))
      const timer = setTimeout(fail('did not answer in time'), this.#within)
      // Whatever it throws may name a secret, and is its owner's.
      const failed = fail('failed')
      Promise.resolve()
        .then(source)
        .then(resolve, failed)
        .finally(() => clearTimeout(timer))
    })
  }
}

/** What a JSON web token says of itself, unchecked: the server checks it. Empty for other tokens. */
export function claimsOf(token: string | null): {
  readonly exp?: unknown
  readonly sub?: unknown
  readonly iss?: unknown
} {
  try {
    // Bytes and not characters, which is as good to tell one subject from another.
    return readFrame(atob((token ?? '').split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? '')) ?? {}
  } catch {
    return {}
  }
}
