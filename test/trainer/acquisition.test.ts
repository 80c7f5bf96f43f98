import { describe, expect, it } from 'vitest'
import { HEADS, type Head } from '../../data/records/vocabulary.ts'
import { type Candidate, STRATEGIES, strategyOf } from '../../trainer/acquisition/strategy.ts'
import { rankPool } from '../../trainer/cycle/rank.ts'

const pool: Candidate[] = [
  { case: 'sure', probabilities: [0.99, 0.01, 0.01, 0.01, 0.01, 0.01] },
  { case: 'ggo', probabilities: [0.95, 0.52, 0.1, 0.02, 0.02, 0.02] },
  { case: 'flag', probabilities: [0.5, 0.05, 0.05, 0.02, 0.02, 0.02] },
  { case: 'all', probabilities: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5] },
]
const options = { seed: 1, learned: HEADS }

describe.each([...STRATEGIES.values()])('the strategy $name', strategy => {
  it('puts every case of the pool in order, each once', () => {
    const ranked = strategy.rank(pool, options)
    expect(ranked.map(one => one.candidate).sort()).toEqual([0, 1, 2, 3])
  })

  it('is the same for the same seed, whatever the order the pool comes in', () => {
    const names = (candidates: Candidate[]) =>
      strategy.rank(candidates, options).map(one => candidates[one.candidate]!.case)
    expect(names([...pool].reverse())).toEqual(names(pool))
  })

  it('gives falling scores and says why in words', () => {
    const ranked = strategy.rank(pool, options)
    for (let at = 1; at < ranked.length; at++)
      expect(ranked[at]!.score).toBeLessThanOrEqual(ranked[at - 1]!.score)
    for (const { why } of ranked) expect(why).toMatch(/^[a-z].{8,}/)
  })

  it('is a pure function: the pool is as it was', () => {
    const before = structuredClone(pool)
    strategy.rank(pool, options)
    expect(pool).toEqual(before)
  })
})

describe('ranking by entropy', () => {
  const rank = (candidates: Candidate[], learned: readonly Head[] = HEADS) =>
    rankPool(candidates, { strategy: 'entropy', seed: 1, learned })

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

  it('gives an empty queue for an empty pool', () => {
    expect(rank([])).toEqual([])
  })
})

describe('ranking by chance', () => {
  it('gives another order for another seed', () => {
    const many = Array.from({ length: 30 }, (_, at) => ({
      case: `c${at}`,
      probabilities: [0.5, 0, 0, 0, 0, 0],
    }))
    const order = (seed: number) =>
      rankPool(many, { strategy: 'random', seed, learned: HEADS }).map(one => one.case)
    expect(order(1)).not.toEqual(order(2))
  })
})

describe('strategies', () => {
  it('are named where an unknown one is asked for', () => {
    expect(() => strategyOf('hunch')).toThrow('strategy: hunch: expected one of entropy, random')
  })
})
