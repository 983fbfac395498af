import { claimsOf } from '../Token'

/**
 * Who a client is, as part of a name: a digest of the token's subject, or of the token where it names none. Null where
 * the platform makes no digest: then nothing is shared rather than by a name that tells the token.
 */
export async function identityOf(token: string | null): Promise<string | null> {
  if (token === null) return 'anyone'
  const { iss, sub } = claimsOf(token)
  const text = sub === undefined ? token : JSON.stringify([iss, sub])
  if (globalThis.crypto?.subtle === undefined) return null
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return new Uint8Array(digest).join('')
}
