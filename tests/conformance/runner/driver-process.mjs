import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { EventEmitter } from 'node:events'

/** One run of an SDK's driver: commands to its stdin, events from its stdout, line by line. */
export class DriverProcess extends EventEmitter {
  /** What it has said, in order: `{event, at, …}`. */
  events = []
  #child
  #errors = ''
  exit

  constructor(command, start) {
    super()
    this.#child = spawn(command, { shell: true, stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    this.#child.stdin.on('error', () => {}) // it may be gone already; its exit code says so
    this.#child.stderr.on('data', text => {
      this.#errors = (this.#errors + text).slice(-4000)
    })
    const lines = createInterface({ input: this.#child.stdout })
    lines.on('line', line => this.#said(line))
    this.exit = new Promise(resolve => {
      this.#child.on('error', error => {
        this.#errors += error.message
      })
      this.#child.on('close', (code, signal) => {
        this.ended = { code, signal }
        resolve(this.ended)
        this.emit('change')
      })
    })
    this.command(start)
  }

  get errors() {
    return this.#errors
  }

  command(command) {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`)
  }

  /** Ends it whatever it does, and what it has started with it. */
  kill() {
    if (this.ended !== undefined) return
    try {
      process.kill(-this.#child.pid, 'SIGKILL')
    } catch {
      this.#child.kill('SIGKILL')
    }
  }

  #said(line) {
    if (line.trim() === '') return
    try {
      const event = JSON.parse(line)
      event.at = performance.now()
      this.events.push(event)
    } catch {
      this.broken = `the driver wrote a line that is no JSON: ${line.slice(0, 200)}`
    }
    this.emit('change')
  }
}
