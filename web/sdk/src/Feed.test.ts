import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { canonicalName, pathOf, stateKey } from './Feed'

interface CatalogueEntry {
  readonly name: string
  readonly class: 'event' | 'state'
  readonly key: readonly string[]
  readonly aliases: readonly string[]
}

const catalogue = `${import.meta.dirname}/../../../src/Tidewire/Fanout/feeds.json`
const { feeds } = JSON.parse(readFileSync(catalogue, 'utf8')) as { feeds: readonly CatalogueEntry[] }

test('Every alias of the catalogue is resolved as the server does', () => {
  const aliases = feeds.flatMap(feed => feed.aliases.map(alias => [alias, feed.name]))
  expect(aliases.length).toBeGreaterThan(5)
  for (const [alias = '', name] of aliases) expect(canonicalName(alias)).toBe(name)
})

test('The state feeds and their keys are those of the catalogue', () => {
  const payload = Object.fromEntries(feeds.flatMap(feed => feed.key).map(field => [field, `the ${field}`]))
  for (const feed of feeds) {
    const expected = feed.class === 'event' ? undefined : feed.key.map(field => `the ${field}`).join('\n')
    expect(stateKey(feed.name)?.(payload), feed.name).toBe(expected)
  }
})

test('A payload without its key replaces nothing; the ticker may be left to the channel', () => {
  expect(stateKey('gex_strike:SPY')?.({ strike: 560 })).toBe('560')
  expect(stateKey('gex_strike:SPY')?.({ ticker: 'SPY' })).toBe(null)
  expect(stateKey('gex_strike')?.({ strike: 560 })).toBe(null)
  expect(stateKey('gex_strike:SPY')?.(null)).toBe(null)
  expect(stateKey('price:SPY')?.(null)).toBe('')
})

test('A name is the same however it is written, and a session stays in front', () => {
  expect(canonicalName(' GEX:spy ')).toBe('gex:SPY')
  expect(canonicalName('@replay-7/flow')).toBe('@replay-7/flow-alerts')
  expect(pathOf('gex:BRK.B')).toBe('gex/BRK.B')
})
