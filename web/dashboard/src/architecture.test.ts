import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = import.meta.dirname
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).map(path =>
  path.replaceAll('\\', '/'),
)

/** The room of a file: `app`, `stream`, `ui`, `styles`, or one feature such as `features/flow`. */
function roomOf(path: string): string {
  const [first = '', second = ''] = path.split('/')
  return first === 'features' ? `features/${second}` : first
}

/** What each room may import besides itself. */
function mayImport(room: string): RegExp {
  // The page of components shows what the features are made of, and is no part of the product.
  if (room === 'design') return /^(features\/look|ui$|styles$)/
  if (room === 'app') return /^(features\/|stream$|ui$|styles$)/
  if (room.startsWith('features/')) return /^(stream|ui)$/
  return /^$/
}

function importsOf(path: string): string[] {
  const text = readFileSync(join(root, path), 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1] ?? '')
}

const modules = sources.filter(path => /\.tsx?$/.test(path) && path.includes('/'))

test('Imports go app → features → stream, ui; features never import each other', () => {
  expect(modules.length).toBeGreaterThan(20)
  const wrong = modules.flatMap(path =>
    importsOf(path)
      .filter(name => name.startsWith('.'))
      .map(name => relative(root, resolve(root, dirname(path), name)).replaceAll('\\', '/'))
      // What the SDK is tested with is part of no room, and of no page.
      .filter(target => !(path.endsWith('.test.ts') && target.startsWith('../../sdk/testing/')))
      .filter(target => roomOf(target) !== roomOf(path) && !mayImport(roomOf(path)).test(roomOf(target)))
      .map(target => `${path} → ${target}`),
  )
  expect(wrong).toEqual([])
})

test('The stream knows nothing of React', () => {
  const wrong = modules.filter(
    path => roomOf(path) === 'stream' && importsOf(path).some(name => /^react/.test(name)),
  )
  expect(wrong).toEqual([])
})

test('Nothing speaks to the server but the SDK, and a few requests of the app', () => {
  const wrong = modules.filter(
    path =>
      !/\.test\.tsx?$/.test(path) &&
      path !== 'app/desk.ts' &&
      /new (WebSocket|EventSource)\b|\bfetch\(/.test(readFileSync(join(root, path), 'utf8')),
  )
  expect(wrong).toEqual([])
})

test('A colour or a pixel stands in the token files only', () => {
  const literal = /#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(|\b\d*\.?\d+px\b/i
  const wrong = sources
    .filter(path => path.endsWith('.css') && !/styles\/(tokens|sizes)\.css$/.test(path))
    .flatMap(path =>
      readFileSync(join(root, path), 'utf8')
        .replaceAll(/\/\*[\s\S]*?\*\//g, '')
        // Conditions cannot read a custom property.
        .replaceAll(/@(?:media|container)[^{]*/g, '')
        .split('\n')
        .filter(line => literal.test(line))
        .map(line => `${path}: ${line.trim()}`),
    )
  expect(wrong).toEqual([])
})
