import { describe, expect, it } from 'vitest'
import { NumberColumn } from '../../../data/stores/number-column.ts'
import { OperationIndex } from '../../../data/stores/operation-index.ts'

describe('the index of operations', () => {
  it('finds each of many ids, and nothing for those that were not put', () => {
    const index = new OperationIndex()
    const count = 50_000
    for (let seq = 1; seq <= count; seq++) index.add(`op-${seq}`, seq)
    for (let seq = 1; seq <= count; seq++)
      if (!index.candidates(`op-${seq}`).includes(seq)) throw new Error(`op-${seq} is not found`)
    // One hash of 32 bits in billions is another's: of so many that are not there hardly one is a candidate.
    let found = 0
    for (let seq = 1; seq <= count; seq++) found += index.candidates(`other-${seq}`).length
    expect(found).toBeLessThan(20)
  })

  it('gives all acts of one id, the first one first, however much it grows', () => {
    const index = new OperationIndex()
    const own: number[] = []
    for (let seq = 1; seq <= 60_000; seq++) {
      const isOwn = seq % 10_000 === 1
      if (isOwn) own.push(seq)
      index.add(isOwn ? 'again' : `op-${seq}`, seq)
    }
    expect(index.candidates('again').filter(seq => seq % 10_000 === 1)).toEqual(own)
  })
})

describe('a column of numbers', () => {
  it('keeps numbers by place, and has 0 where none was put', () => {
    const column = new NumberColumn(Float64Array)
    column.put(3, 2 ** 40)
    column.put(100_000, 7)
    expect([0, 3, 4, 100_000, 100_001].map(at => column.get(at))).toEqual([0, 2 ** 40, 0, 7, 0])
  })
})
