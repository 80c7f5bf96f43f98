import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeLine } from '../../../data/journal/line.ts'
import { replay } from '../../../data/journal/replay.ts'
import type { Act } from '../../../data/records/act.ts'
import { anyHistory, numbered } from './sample-acts.ts'

const notes = (count: number) =>
  numbered(
    Array.from({ length: count }, (_, i) => ({ act: { kind: 'note' as const, text: `note ${i + 1}` } })),
  )
const written = (acts: Act[]) => Buffer.concat(acts.map(encodeLine))
const run = (bytes: Buffer) => {
  const acts: Act[] = []
  const found = replay(bytes, act => acts.push(act))
  return { acts, ...found }
}

describe('replaying', () => {
  test('gives back every act in order with its place', () => {
    const acts = notes(5)
    const bytes = written(acts)
    const places: [number, number][] = []
    const found = replay(bytes, (_act, offset, length) => places.push([offset, length]))
    expect(run(bytes).acts).toEqual(acts)
    expect(found).toEqual({
      end: bytes.length,
      lastSeq: 5,
      lastAt: acts[4]!.at,
      damaged: [],
      missing: [],
      unterminated: false,
    })
    for (const [i, [offset, length]] of places.entries())
      expect(JSON.parse(bytes.subarray(offset, offset + length).toString()).seq).toBe(i + 1)
  })

  test('of nothing is nothing', () => {
    expect(run(Buffer.alloc(0))).toMatchObject({ acts: [], lastSeq: 0, damaged: [], missing: [] })
  })

  test('cut at any byte of its last line loses that act at most, and says so', () => {
    const acts = notes(3)
    const bytes = written(acts)
    const last = written(acts.slice(0, 2)).length
    for (let cut = last; cut <= bytes.length; cut++) {
      const { acts: got, torn, damaged, unterminated, end } = run(bytes.subarray(0, cut))
      const isWhole = cut >= bytes.length - 1
      expect(got).toEqual(acts.slice(0, isWhole ? 3 : 2))
      expect(damaged).toEqual([])
      expect(torn?.length).toBe(isWhole || cut === last ? undefined : cut - last)
      expect(unterminated).toBe(cut === bytes.length - 1)
      expect(end).toBe(isWhole ? cut : last)
    }
  })

  test('cut at any byte at all keeps what is whole before it', () => {
    fc.assert(
      fc.property(anyHistory, fc.double({ min: 0, max: 1, noNaN: true }), (acts, share) => {
        const bytes = written(acts)
        const cut = Math.floor(share * bytes.length)
        const { acts: got, damaged, missing } = run(bytes.subarray(0, cut))
        expect(got).toEqual(acts.slice(0, got.length))
        // No whole line is lost.
        expect(written(acts.slice(0, got.length + 1)).length).toBeGreaterThan(
          cut - (got.length === acts.length ? 1 : 0),
        )
        expect([damaged, missing]).toEqual([[], []])
      }),
    )
  })

  test('with a byte changed in the middle leaves out that line and tells its place and number', () => {
    const acts = notes(4)
    const bytes = written(acts)
    const second = written(acts.slice(0, 1)).length
    bytes[second + 20]! ^= 1
    const found = run(bytes)
    expect(found.acts.map(act => act.seq)).toEqual([1, 3, 4])
    expect(found.damaged).toMatchObject([{ offset: second, reason: 'its checksum does not fit its content' }])
    expect(found.missing).toMatchObject([{ from: 2, to: 2 }])
    expect(found.torn).toBeUndefined()
  })

  test('with any bytes changed anywhere never invents or swallows an act in silence', () => {
    fc.assert(
      fc.property(
        anyHistory,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        (acts, changes) => {
          fc.pre(acts.length > 0)
          const bytes = written(acts)
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte
          const { acts: got, missing, lastSeq, damaged, torn } = run(bytes)
          for (const act of got) expect(act).toEqual(acts[act.seq - 1])
          const told = missing.reduce((sum, { from, to }) => sum + to - from + 1, 0)
          expect(got.length + told).toBe(lastSeq)
          if (lastSeq < acts.length) expect(torn ?? damaged[0]).toBeDefined()
        },
      ),
    )
  })

  test('with a damaged last line counts it as torn, newline or not', () => {
    const acts = notes(3)
    const bytes = written(acts)
    bytes[bytes.length - 30]! ^= 1
    expect(run(bytes)).toMatchObject({
      lastSeq: 2,
      torn: { offset: written(acts.slice(0, 2)).length },
      damaged: [],
    })
  })

  test('with zeros after the last line, as some file systems leave them, drops the zeros', () => {
    const acts = notes(2)
    expect(run(Buffer.concat([written(acts), Buffer.alloc(4096)]))).toMatchObject({
      lastSeq: 2,
      torn: { length: 4096 },
      damaged: [],
    })
  })

  test('with a line twice keeps the first and tells of the second', () => {
    const acts = notes(2)
    const found = run(Buffer.concat([written(acts), encodeLine(acts[0]!), encodeLine(notes(3)[2]!)]))
    expect(found.acts.map(act => act.seq)).toEqual([1, 2, 3])
    expect(found.damaged).toMatchObject([{ reason: 'sequence number 1 after 2' }])
  })

  test('with a line gone tells which numbers are missing', () => {
    const acts = notes(5)
    const found = run(Buffer.concat([encodeLine(acts[0]!), written(acts.slice(3))]))
    expect(found.missing).toMatchObject([{ from: 2, to: 3 }])
    expect(found.damaged).toEqual([])
  })

  test('takes a gap that is on record for known', () => {
    const acts = notes(5)
    const gap = encodeLine({ gap: { from: 2, to: 3, aside: 'damaged-x.jsonl', at: '2020' } })
    const found = run(Buffer.concat([encodeLine(acts[0]!), gap, written(acts.slice(3))]))
    expect(found.acts.map(act => act.seq)).toEqual([1, 4, 5])
    expect([found.missing, found.damaged]).toEqual([[], []])
  })

  test('from where an earlier one ended gives only what is new', () => {
    const acts = notes(5)
    const bytes = written(acts)
    const first = run(bytes.subarray(0, written(acts.slice(0, 3)).length))
    const got: number[] = []
    replay(bytes.subarray(first.end), act => got.push(act.seq), { base: first.end, lastSeq: first.lastSeq })
    expect(got).toEqual([4, 5])
  })
})
