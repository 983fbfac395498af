import { expect, test } from 'vitest'
import { settingsOf, type TidewireOptions } from './Settings'

const url = 'http://127.0.0.1:8000'

test('What is left out has the documented default', () => {
  expect(settingsOf({ url })).toMatchObject({
    url,
    reconnectDelay: 1000,
    maxReconnectDelay: 30_000,
    reconnectBackoffMultiplier: 1.5,
    heartbeatInterval: 30_000,
    heartbeatTimeout: 5000,
    batchUpdateDelay: 100,
    maxQueueSize: 1000,
    connectTimeout: 8000,
    upgradeInterval: 30_000,
    wires: ['websocket', 'sse', 'poll'],
    keepPositions: false,
    tabs: 'own',
  })
})

test.each([
  ['ws://host:1/', 'http://host:1'],
  ['wss://host/base/', 'https://host/base'],
])('The URL %s names the server at %s', (given, expected) => {
  expect(settingsOf({ url: given }).url).toBe(expected)
})

test.each<[string, TidewireOptions]>([
  ['url', {}],
  ['url', { url: 'host:8000' }],
  ['url', { url: 'http://me:secret@host' }],
  ['url', { url: 'http://host?token=secret' }],
  ['batchUpdateDelay', { url, batchUpdateDelay: 5 }],
  ['reconnectDelay', { url, reconnectDelay: Number.NaN }],
  ['maxMessagesPerSecond', { url, maxMessagesPerSecond: -1 }],
  ['wires', { url, wires: [] }],
])('A wrong %s is named, and no secret is told: %#', (name, options) => {
  let message = ''
  try {
    settingsOf(options)
  } catch (error) {
    message = String(error)
  }
  expect(message).toContain(`The option ${name} `)
  expect(message).not.toContain('secret')
})
