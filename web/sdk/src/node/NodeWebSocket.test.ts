import { type AddressInfo, createServer, type Socket as NetSocket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type WebSocket as Peer, WebSocketServer } from 'ws'
import { NodeWebSocket } from './NodeWebSocket'

const closing: (() => void)[] = []

afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function serve(met: (peer: Peer) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  closing.push(() => {
    for (const peer of server.clients) peer.terminate()
    server.close()
  })
  server.on('connection', met)
  await new Promise(resolve => server.on('listening', resolve))
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/api/ws`
}

/** The socket's messages, and how it ended. */
function follow(
  url: string,
  opened?: (socket: NodeWebSocket) => void,
): { texts: string[]; end: Promise<{ code: number; reason: string }> } {
  const socket = new NodeWebSocket(url)
  const texts: string[] = []
  socket.onopen = () => opened?.(socket)
  socket.onmessage = ({ data }) => texts.push(String(data))
  const end = new Promise<{ code: number; reason: string }>(resolve => {
    socket.onclose = ({ code, reason }) => resolve({ code, reason })
  })
  return { texts, end }
}

test.each([0, 1, 125, 126, 65_535, 65_536, 300_000])(
  'A text of %i characters comes back as it was sent',
  async length => {
    const url = await serve(peer =>
      peer.on('message', data => {
        peer.send(String(data))
        peer.close(1000)
      }),
    )
    const text = 'é'.repeat(length)
    const { texts, end } = follow(url, socket => socket.send(text))
    expect((await end).code).toBe(1000)
    expect(texts).toEqual([text])
  },
)

test('A message in fragments is one, with a ping answered in between', async () => {
  let ponged = ''
  const url = await serve(peer => {
    peer.on('pong', data => {
      ponged = String(data)
      peer.send('lo', { fin: true })
      peer.close(4008, 'slow')
    })
    peer.send('hel', { fin: false })
    peer.ping('there?')
  })
  const { texts, end } = follow(url)
  expect(await end).toEqual({ code: 4008, reason: 'slow' })
  expect([texts, ponged]).toEqual([['hello'], 'there?'])
})

test('A close of ours is answered, and a cut is 1006', async () => {
  let hear: (code: number) => void
  const heard = new Promise<number>(resolve => {
    hear = resolve
  })
  const url = await serve(peer => peer.on('close', code => hear(code)))
  expect((await follow(url, socket => socket.close(1000)).end).code).toBe(1000)
  expect(await heard).toBe(1000)
  const cut = await serve(peer => peer.terminate())
  expect((await follow(cut).end).code).toBe(1006)
})

test('What refuses the upgrade, or does not listen, is 1006 with a reason', async () => {
  const plain = createServer((socket: NetSocket) =>
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'),
  )
  closing.push(() => plain.close())
  await new Promise<void>(resolve => plain.listen(0, '127.0.0.1', resolve))
  const { port } = plain.address() as AddressInfo
  expect(await follow(`ws://127.0.0.1:${port}/`).end).toEqual({
    code: 1006,
    reason: 'the server answered the upgrade with 403',
  })
  plain.close()
  expect((await follow('ws://127.0.0.1:1/').end).code).toBe(1006)
})

test('An answer with the wrong key is no upgrade', async () => {
  const liar = createServer(socket => {
    socket.on('error', () => undefined)
    socket.once('data', () =>
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: wrong\r\n\r\n',
      ),
    )
  })
  closing.push(() => liar.close())
  await new Promise<void>(resolve => liar.listen(0, '127.0.0.1', resolve))
  expect((await follow(`ws://127.0.0.1:${(liar.address() as AddressInfo).port}/`).end).reason).toContain(
    'did not accept',
  )
})
