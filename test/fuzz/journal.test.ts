import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeLine } from '../../data/journal/line.ts'
import { replay } from '../../data/journal/replay.ts'
import type { Act } from '../../data/records/act.ts'
import { numbered } from '../data/journal/sample-acts.ts'
import { times } from '../long.ts'

const acts = numbered(Array.from({ length: 6 }, (_, i) => ({ act: { kind: 'note' as const, text: `${i}` } })))
const numRuns = times(50_000, 500)

describe('a journal of any bytes', () => {
  test('is read without an error, and every byte is an act, or is told', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)),
      fc.constantFrom(...acts.map(encodeLine)),
      fc.constantFrom(Buffer.from('\n'), Buffer.from('{}\n'), Buffer.from(',"crc":"00000000"}\n')),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
        const bytes = Buffer.concat(pieces)
        const seen: { act: Act; offset: number; length: number }[] = []
        const found = replay(bytes, (act, offset, length) => seen.push({ act, offset, length }))
        const covered = [...seen, ...found.damaged, ...(found.torn ? [found.torn] : [])]
        let total = 0
        for (const { offset, length } of covered) {
          expect(offset >= 0 && offset + length <= bytes.length).toBe(true)
          total += length
        }
        // What is left are the ends of lines: one behind each, but the last.
        expect(bytes.length - total).toBeLessThanOrEqual(covered.length)
        // Only what was written with its checksum is taken for an act, and never out of order.
        for (const { act } of seen) expect(acts).toContainEqual(act)
        const seqs = seen.map(({ act }) => act.seq)
        expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b))
      }),
      { numRuns, seed: 9 },
    )
  })
})
