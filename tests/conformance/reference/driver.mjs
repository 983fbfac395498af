#!/usr/bin/env node
// The reference driver. It shows that the kit can be passed, and with `--fault NAME` that the kit notices.
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { ReferenceClient } from './client.mjs'

const { fault } = parseArgs({ options: { fault: { type: 'string' } } }).values
const tell = event => process.stdout.write(`${JSON.stringify(event)}\n`)

let client
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  if (client === undefined) {
    client = new ReferenceClient({ url: command.url, options: command.options, fault, tell })
    for (const sub of command.subscriptions) client.subscribe(sub)
    client.start()
  } else if (command.do === 'subscribe') client.subscribe(command)
  else if (command.do === 'unsubscribe') client.unsubscribe(command.channel)
  else if (command.do === 'pause') client.pause(command.channel)
  else if (command.do === 'resume') client.resume(command.channel)
  else if (command.do === 'token') client.nextToken = command.token
  else if (command.do === 'stats') tell({ event: 'stats', ...client.stats() })
  else if (command.do === 'stop') break
}
client?.close()
process.exit(0)
