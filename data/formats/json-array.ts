import { createReadStream } from 'node:fs'
import { LesionloopError, messageOf } from '../errors.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * The items of a JSON file that is one list, read as they come, so that memory holds one item however long the file is.
 * @param what the file in messages: "label-studio: tasks.json".
 * @param code of the error where the file is no list, not valid JSON, or ends before the list does.
 */
export async function* jsonArrayItems(path: string, what: string, code: string): AsyncGenerator<unknown> {
  const broken = (reason: string) =>
    new LesionloopError(code, `${what}: ${reason}; export it again as JSON`, { path })
  let state: 'before' | 'inside' | 'after' = 'before'
  let depth = 0
  let inText = false
  let escaped = false
  let held: Buffer[] = []
  let count = 0
  let afterComma = false
  const item = (): unknown => {
    const text = Buffer.concat(held).toString('utf8')
    held = []
    try {
      return JSON.parse(text)
    } catch (error) {
      throw broken(`item ${count + 1}: not valid JSON (${messageOf(error)})`)
    }
  }
  const isBlank = () => held.every(part => part.every(byte => byte <= 0x20))

  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    let from = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!
      // Every byte of a multi-byte character is above 0x7f, so that none is taken for a sign of JSON.
      if (inText) {
        if (escaped) escaped = false
        else if (byte === BACKSLASH) escaped = true
        else if (byte === QUOTE) inText = false
        continue
      }
      if (state !== 'inside') {
        if (byte <= 0x20 || (state === 'before' && (byte === 0xef || byte === 0xbb || byte === 0xbf)))
          continue
        if (state === 'after') throw broken('more after the end of the list')
        if (byte !== 0x5b) throw broken('expected a list of tasks')
        state = 'inside'
        from = at + 1
        continue
      }
      if (byte === QUOTE) inText = true
      else if (byte === 0x5b || byte === 0x7b) depth++
      else if (depth > 0 && (byte === 0x5d || byte === 0x7d)) depth--
      else if (depth === 0 && (byte === 0x2c || byte === 0x5d)) {
        held.push(chunk.subarray(from, at))
        from = at + 1
        const isEmptyList = byte === 0x5d && count === 0 && !afterComma && isBlank()
        if (isEmptyList) held = []
        else {
          yield item()
          count++
        }
        afterComma = byte === 0x2c
        if (byte === 0x5d) state = 'after'
      }
    }
    if (state === 'inside') held.push(chunk.subarray(from))
  }
  if (state === 'before') throw broken('empty: expected a list of tasks')
  if (state === 'inside') throw broken(`the file ends in the middle, after ${count} whole items`)
}
