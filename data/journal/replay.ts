import type { Act } from '../records/act.ts'
import { decodeLine } from './line.ts'

/** A part of the journal that can't be used. */
export interface Damage {
  /** Bytes in the journal, from `offset`. */
  offset: number
  length: number
  reason: string
}

export interface Replay {
  /** Bytes up to the end of the last line that holds. */
  end: number
  lastSeq: number
  /** `at` of the last act. */
  lastAt: string
  /** The last line, where it is broken off (a writer died in it, or is writing it): never acknowledged. */
  torn?: Damage
  /** Lines that are no good before that. */
  damaged: Damage[]
  /** Sequence numbers that are missing and not on record as lost: [from, to], and the offset where they should stand. */
  missing: { from: number; to: number; offset: number }[]
  /** True where the last good line lacks its newline. */
  unterminated: boolean
}

/**
 * Goes through a journal's bytes and gives each good act with its place to `visit`, in order. Pure; what is wrong is
 * told, not mended (see repair.ts).
 *
 * @param from where to begin: the `end` and the `lastSeq` of an earlier replay of the same file, `base` being the
 *   file's offset of the bytes given.
 */
export function replay(
  bytes: Buffer,
  visit: (act: Act, offset: number, length: number) => void,
  from: { base: number; lastSeq: number; lastAt?: string } = { base: 0, lastSeq: 0 },
): Replay {
  const found: Replay = {
    end: from.base,
    lastSeq: from.lastSeq,
    lastAt: from.lastAt ?? '',
    damaged: [],
    missing: [],
    unterminated: false,
  }
  let start = 0
  while (start < bytes.length) {
    const newline = bytes.indexOf(10, start)
    const end = newline < 0 ? bytes.length : newline
    const offset = from.base + start
    const record = decodeLine(bytes, start, end)
    const reason = typeof record === 'string' ? record : outOfOrder(record, found.lastSeq)
    if (reason !== undefined) {
      const damage = { offset, length: end - start, reason }
      if (newline < 0) found.torn = damage
      else found.damaged.push(damage)
    } else if (typeof record !== 'string') {
      const first = 'gap' in record ? record.gap.from : record.seq
      if (first > found.lastSeq + 1) found.missing.push({ from: found.lastSeq + 1, to: first - 1, offset })
      if ('gap' in record) found.lastSeq = record.gap.to
      else {
        found.lastSeq = record.seq
        found.lastAt = record.at
        visit(record, offset, end - start)
      }
      found.end = from.base + end + (newline < 0 ? 0 : 1)
      found.unterminated = newline < 0
    }
    start = end + 1
  }
  // A damaged last line, newline and all, is a torn one too: blocks of one write may reach the disk in any order.
  const last = found.damaged.at(-1)
  if (!found.torn && last && last.offset >= found.end) found.torn = found.damaged.pop()!
  return found
}

type Line = Exclude<ReturnType<typeof decodeLine>, string>

function outOfOrder(record: Line, lastSeq: number): string | undefined {
  const seq = 'gap' in record ? record.gap.from : record.seq
  if (!Number.isSafeInteger(seq)) return 'no sequence number'
  return seq <= lastSeq ? `sequence number ${seq} after ${lastSeq}` : undefined
}
