import { isUtf8 } from 'node:buffer'

/** What a frame is. */
export const Opcode = { Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 } as const
export type Opcode = (typeof Opcode)[keyof typeof Opcode]

/** A message larger than this is refused with 1009. */
const MaxMessage = 16 * 1024 * 1024

/** Whom a reader tells. */
export interface FrameListener {
  text(text: string): void
  ping(payload: Buffer): void
  close(code: number, reason: string): void
  /** The other side broke the protocol; nothing is read any more. */
  fault(code: number, reason: string): void
}

/** One whole frame of a client: masked, as a client's must be. */
export function writeFrame(opcode: Opcode, payload: Buffer, mask: Buffer): Buffer {
  const { length } = payload
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const frame = Buffer.allocUnsafe(6 + extended + length)
  frame[0] = 0x80 | opcode
  frame[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127)
  if (extended === 2) frame.writeUInt16BE(length, 2)
  if (extended === 8) frame.writeBigUInt64BE(BigInt(length), 2)
  mask.copy(frame, 2 + extended)
  for (let i = 0; i < length; i++) frame[6 + extended + i] = (payload[i] as number) ^ (mask[i & 3] as number)
  return frame
}

/** Takes the bytes of a server apart into messages, however they are cut. */
export class FrameReader {
  readonly #listener: FrameListener
  #chunks: Buffer[] = []
  #held = 0
  /** The bytes that the next frame needs at least, so that a large one is not put together anew with each chunk. */
  #needed = 2
  #parts: Buffer[] | null = null
  #partsLength = 0
  #isText = true
  #isDone = false

  constructor(listener: FrameListener) {
    this.#listener = listener
  }

  read(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    if (this.#held < this.#needed) return
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks)
    let at = 0
    while (!this.#isDone) {
      const used = this.#frame(bytes, at)
      if (used === 0) break
      at += used
    }
    const rest = bytes.subarray(at)
    this.#chunks = rest.length > 0 ? [rest] : []
    this.#held = rest.length
  }

  /** @returns how many bytes the frame at this place takes; 0 when it is not all there. */
  #frame(bytes: Buffer, at: number): number {
    const there = bytes.length - at
    this.#needed = 2
    if (there < 2) return 0
    const first = bytes[at] as number
    const second = bytes[at + 1] as number
    const opcode = first & 0x0f
    const isFinal = (first & 0x80) !== 0
    if ((first & 0x70) !== 0 || (second & 0x80) !== 0)
      return this.#fault(1002, 'a frame with a reserved bit or a mask')
    let length = second & 0x7f
    let head = 2
    if (length === 126) head = 4
    else if (length === 127) head = 10
    this.#needed = head
    if (there < head) return 0
    if (head === 4) length = bytes.readUInt16BE(at + 2)
    else if (head === 10) {
      if (bytes.readUInt32BE(at + 2) !== 0) return this.#fault(1009, 'a frame that is far too large')
      length = bytes.readUInt32BE(at + 6)
    }
    if (opcode >= 8 && (length > 125 || !isFinal))
      return this.#fault(1002, 'a control frame that is too long or cut')
    if (length + this.#partsLength > MaxMessage) return this.#fault(1009, 'a message that is far too large')
    this.#needed = head + length
    if (there < head + length) return 0
    this.#needed = 2
    this.#take(opcode, isFinal, bytes.subarray(at + head, at + head + length))
    return head + length
  }

  #take(opcode: number, isFinal: boolean, payload: Buffer): void {
    switch (opcode) {
      case Opcode.Text:
      case Opcode.Binary:
        if (this.#parts !== null) this.#fault(1002, 'a message within another')
        else {
          this.#isText = opcode === Opcode.Text
          if (isFinal) this.#message(payload)
          else this.#part(payload)
        }
        return
      case Opcode.Continuation: {
        if (this.#parts === null) {
          this.#fault(1002, 'the rest of no message')
          return
        }
        this.#part(payload)
        if (!isFinal) return
        const whole = Buffer.concat(this.#parts)
        this.#parts = null
        this.#partsLength = 0
        this.#message(whole)
        return
      }
      case Opcode.Ping:
        this.#listener.ping(Buffer.from(payload))
        return
      case Opcode.Pong:
        return
      case Opcode.Close:
        this.#isDone = true
        if (payload.length === 1) this.#listener.fault(1002, 'a close of one byte')
        else
          this.#listener.close(
            payload.length < 2 ? 1005 : payload.readUInt16BE(0),
            payload.toString('utf8', 2),
          )
        return
      default:
        this.#fault(1002, 'a frame of an unknown kind')
    }
  }

  /** A copy: the chunk it lies in must not be kept alive by it. */
  #part(payload: Buffer): void {
    this.#parts ??= []
    this.#parts.push(Buffer.from(payload))
    this.#partsLength += payload.length
  }

  #message(payload: Buffer): void {
    if (!this.#isText) this.#fault(1003, 'a binary message')
    else if (!isUtf8(payload)) this.#fault(1007, 'a text that is not UTF-8')
    else this.#listener.text(payload.toString('utf8'))
  }

  #fault(code: number, reason: string): 0 {
    this.#isDone = true
    this.#listener.fault(code, reason)
    return 0
  }
}
