import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { claimsOf, Token } from './Token'

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => vi.useRealTimers())

const jwt = (claims: object): string =>
  `x.${btoa(JSON.stringify(claims)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}.y`

test('A token that is held is not asked for again', async () => {
  const ask = vi.fn(async () => 'abc')
  const token = new Token(ask, 5000)
  expect([await token.get(), await token.get()]).toEqual(['abc', 'abc'])
  expect(ask).toHaveBeenCalledTimes(1)
})

test('It is asked for again when it is refused, and 30 s before it expires', async () => {
  const ask = vi.fn(async () => jwt({ exp: 1100 }))
  const token = new Token(ask, 5000)
  await token.get()
  token.renew()
  await token.get()
  expect(ask).toHaveBeenCalledTimes(2)
  vi.setSystemTime(1_071_000)
  await token.get()
  expect(ask).toHaveBeenCalledTimes(3)
})

test('A callback that failed is asked again', async () => {
  const ask = vi
    .fn<() => Promise<string>>()
    .mockRejectedValueOnce(new Error('no'))
    .mockResolvedValueOnce('abc')
  const token = new Token(ask, 5000)
  await expect(token.get()).rejects.toThrow('The token callback failed.')
  expect(await token.get()).toBe('abc')
})

test('A callback that does not answer has failed after its time, and is asked again', async () => {
  const ask = vi
    .fn<() => Promise<string>>()
    .mockReturnValueOnce(new Promise(() => undefined))
    .mockResolvedValueOnce('abc')
  const token = new Token(ask, 5000)
  const first = expect(token.get()).rejects.toThrow('did not answer in time')
  await vi.advanceTimersByTimeAsync(5000)
  await first
  expect(await token.get()).toBe('abc')
})

test('A token that is a text cannot be renewed, and no token is null', async () => {
  const token = new Token('abc', 5000)
  expect([token.canRenew, await token.get(), await new Token(undefined, 5000).get()]).toEqual([
    false,
    'abc',
    null,
  ])
})

test('Claims are read from a JSON web token, and from nothing else', () => {
  expect(claimsOf(jwt({ sub: 'me', exp: 5 }))).toEqual({ sub: 'me', exp: 5 })
  for (const text of ['abc', 'a.b.c', 'a.!!!.c', null]) expect(claimsOf(text)).toEqual({})
})
