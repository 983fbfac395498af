// @vitest-environment jsdom
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { settingsOf } from './src/Settings'
import { ScriptedServer } from './testing/ScriptedServer'

const read = (name: string): string => readFileSync(`${import.meta.dirname}/../../${name}`, 'utf8')
const text = read('docs/sdk-typescript.md')
const snippets = [...(text + read('README.md')).matchAll(/^```(tsx?)\n(.*?)^```$/gms)].map(
  ([, kind = '', code = '']) => ({
    kind,
    code,
  }),
)

let server: ScriptedServer
let said: unknown[][]

beforeEach(() => {
  server = new ScriptedServer()
  said = []
  vi.stubGlobal('WebSocket', server.WebSocket)
  vi.stubGlobal('fetch', async (url: string, init?: RequestInit) =>
    url === '/api/my-token' ? new Response('a-token') : server.fetch(url, init),
  )
  for (const level of ['log', 'warn'] as const)
    vi.spyOn(console, level).mockImplementation((...what) => void said.push(what))
})
afterEach(() => {
  // Ends the snippet's client for good.
  for (const socket of server.sockets) socket.breaks(4003)
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  document.body.replaceChildren()
})

const payload = { ticker: 'SPY', total_premium: 812_400, price: 191.25, headline: 'A headline' }

/** A snippet of the document, on a server under the test's control; what it shows of a publication. */
async function shown(index: number): Promise<string> {
  const { kind, code } = snippets[index] ?? { kind: 'ts', code: '' }
  const folder = `${import.meta.dirname}/dist/snippets`
  mkdirSync(folder, { recursive: true })
  const file = `${folder}/${index}.${kind}`
  writeFileSync(file, code)
  // A loop without an end is never done importing.
  const running = import(/* @vite-ignore */ file) as Promise<unknown>
  running.catch((error: unknown) => said.push([error]))
  await vi.waitFor(() => expect(server.heardOf('subscribe').length).toBeGreaterThan(0), 5000)
  await vi.waitFor(() => {
    server.publish(String(server.heardOf('subscribe')[0]?.channel), payload)
    expect(said.length + (document.body.textContent ?? '').length).toBeGreaterThan(2)
  }, 5000)
  return JSON.stringify(said) + document.body.textContent
}

const expected = [
  '"total_premium":812400',
  '["SPY"]',
  '["new",{',
  '["publication"]',
  '191.25',
  'A headline',
  '"total_premium":812400',
]

test('The document has a snippet for each expectation', () => {
  expect(snippets.length).toBe(expected.length)
})

test.each(expected.map((what, index) => [index, what] as const))(
  'Snippet %i shows %s',
  async (index, what) => {
    expect(await shown(index)).toContain(what)
  },
)

test('The table of options has every option and its default', () => {
  const settings = settingsOf({ url: 'http://host' })
  for (const name of Object.keys(settings)) expect(text).toMatch(new RegExp(`\`${name}\``))
  for (const [name, value] of Object.entries(settings))
    if (typeof value === 'number') expect(text).toContain(`| \`${name}\` | ${value} |`)
})
