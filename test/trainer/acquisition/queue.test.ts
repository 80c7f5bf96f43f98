import { describe, expect, it } from 'vitest'
import { HEADS, type Head } from '../../../data/records/vocabulary.ts'
import { type PoolCandidate, rankPool } from '../../../trainer/cycle/rank.ts'

const pool: PoolCandidate[] = [
  { case: 'sure', probabilities: [0.99, 0.01, 0.01, 0.01, 0.01, 0.01] },
  { case: 'ggo', probabilities: [0.95, 0.52, 0.1, 0.02, 0.02, 0.02] },
  { case: 'flag', probabilities: [0.5, 0.05, 0.05, 0.02, 0.02, 0.02] },
  { case: 'all', probabilities: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5] },
]
const many = Array.from({ length: 200 }, (_, at): PoolCandidate => {
  const p = 0.2 + (0.6 * ((at * 37) % 200)) / 200
  return { case: `case ${String(at).padStart(3, '0')}`, probabilities: HEADS.map(() => p) }
})

describe('the queue by entropy', () => {
  const rank = (candidates: PoolCandidate[], learned: readonly Head[] = HEADS) =>
    rankPool(candidates, { strategy: 'entropy', seed: 1, learned, auditShare: 0 })

  it('asks first for the case the model is least sure of, for the head it is least sure of', () => {
    const queue = rank(pool)
    expect(queue.map(one => one.case)).toEqual(['all', 'ggo', 'flag', 'sure'])
    expect(queue[1]).toMatchObject({ rank: 2, head: 'GGO', why: 'the model is unsure of GGO (0.52)' })
    expect(queue[2]!.why).toBe('the model is unsure of the COVID flag (0.50)')
  })

  it('scores in bits, one for each head at 0.5', () => {
    expect(rank(pool)[0]!.score).toBeCloseTo(6, 6)
  })

  it('does not listen to a head that was not learned', () => {
    const queue = rank(pool, ['flag'])
    expect(queue[0]!.score).toBeCloseTo(1, 6)
    expect(queue.every(one => one.head === 'flag')).toBe(true)
  })

  it('is empty for an empty pool', () => {
    expect(rank([])).toEqual([])
  })
})

describe('the queue by chance', () => {
  it('has another order for another seed', () => {
    const order = (seed: number) =>
      rankPool(many, { strategy: 'random', seed, learned: HEADS }).map(one => one.case)
    expect(order(1)).not.toEqual(order(2))
  })
})

describe('the audit of a batch', () => {
  const rank = (strategy: string, options = {}) =>
    rankPool(many, { strategy, seed: 3, learned: HEADS, batch: 40, ...options })

  it('is a tenth of the batch, stands first, and is to be read blind', () => {
    const queue = rank('entropy')
    const audit = queue.filter(one => one.audit)
    expect(audit).toHaveLength(4)
    expect(queue.slice(0, 4)).toEqual(audit)
    for (const one of audit)
      expect(one).toMatchObject({ queue: 'audit', strategy: 'audit', why: /by chance/ })
  })

  it('does not depend on the strategy or the scores, and is in no other place of the queue', () => {
    const drawn = (strategy: string) =>
      rank(strategy)
        .filter(one => one.audit)
        .map(one => one.case)
    expect(drawn('entropy')).toEqual(drawn('random'))
    const queue = rank('balanced')
    expect(new Set(queue.map(one => one.case)).size).toBe(200)
    expect(queue.map(one => one.rank)).toEqual(queue.map((_, at) => at + 1))
  })

  it('draws every case as often as any other', () => {
    const counts = new Map<string, number>()
    for (let seed = 0; seed < 1000; seed++)
      for (const one of rankPool(many.slice(0, 20), { strategy: 'entropy', seed, learned: [], batch: 20 }))
        if (one.audit) counts.set(one.case, (counts.get(one.case) ?? 0) + 1)
    // 2 of 20 a draw: 100 times each, with a deviation of 9.5; five of these are allowed.
    expect(counts.size).toBe(20)
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(48)
  })

  it('can be left out', () => {
    expect(rank('entropy', { auditShare: 0 }).some(one => one.audit)).toBe(false)
  })

  it('of a share of one is the whole batch, and the rest still stands behind it', () => {
    const queue = rank('balanced', { auditShare: 1, batch: 500 })
    expect(queue.filter(one => one.audit)).toHaveLength(200)
  })
})

describe('siblings in a figure', () => {
  const figured = many.map((one, at) => ({ ...one, figure: `figure ${at % 50}` }))

  it('follow the first of them, so that the caption is read once', () => {
    const queue = rankPool(figured, { strategy: 'entropy', seed: 1, learned: HEADS, auditShare: 0 })
    const figures = queue.map(one => figured.find(each => each.case === one.case)!.figure)
    const runs = figures.filter((figure, at) => figure !== figures[at - 1])
    expect(runs).toHaveLength(50)
    expect(queue[1]!.why).toMatch(/^in the same figure; the model is/)
  })

  it('of an audit case are not brought up with it', () => {
    const queue = rankPool(figured, { strategy: 'entropy', seed: 1, learned: HEADS, batch: 100 })
    const audit = queue.filter(one => one.audit).length
    expect(audit).toBe(10)
    expect(queue.slice(0, audit).every(one => one.audit)).toBe(true)
  })
})
