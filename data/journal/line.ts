import type { Act } from '../records/act.ts'
import { crc32 } from './crc32.ts'

/**
 * A line of labels/journal.jsonl: the act as JSON whose last field is the CRC-32 of all bytes before it:
 * `{"seq":1,…,"act":{…},"crc":"9ae0f1b2"}`. A gap line stands for acts whose lines were damaged and put aside.
 */
export interface Gap {
  gap: { from: number; to: number; aside: string; at: string }
}

const TAIL = ',"crc":"00000000"}'.length
const MARK = Buffer.from(',"crc":"')
const [QUOTE, BRACE] = Buffer.from('"}')

/** The line of an act or gap, with its newline. */
export function encodeLine(record: Act | Gap): Buffer {
  const body = Buffer.from(JSON.stringify(record).slice(0, -1), 'utf8')
  return Buffer.concat([body, MARK, Buffer.from(`${crc32(body)}"}\n`)])
}

/**
 * Reads the line that lies from `start` up to `end` (its newline not counted).
 * @returns the record, or in words what is wrong with the line.
 */
export function decodeLine(bytes: Buffer, start: number, end: number): Act | Gap | string {
  const tail = end - TAIL
  if (tail <= start) return 'too short'
  const isMarked = bytes.compare(MARK, 0, MARK.length, tail, tail + MARK.length) === 0
  if (!isMarked || bytes[end - 2] !== QUOTE || bytes[end - 1] !== BRACE) return 'no checksum at its end'
  const written = bytes.toString('latin1', tail + MARK.length, end - 2)
  if (crc32(bytes, start, tail) !== written) return 'its checksum does not fit its content'
  try {
    return JSON.parse(`${bytes.toString('utf8', start, tail)}}`) as Act | Gap
  } catch {
    return 'not valid JSON'
  }
}
