import { describe, expect, it } from 'vitest'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { rankCandidates } from '../../../trainer/acquisition/rank-candidates.ts'
import {
  type Candidate,
  DEFAULT_STRATEGY,
  type RankOptions,
  STRATEGIES,
  strategyOf,
} from '../../../trainer/acquisition/strategy.ts'
import { clusteredPool, drawsOf } from './clustered-pool.ts'

const { candidates: pool } = clusteredPool([6, 5, 4, 3, 2])
const names = (candidates: readonly Candidate[], choices: readonly { candidate: number }[]) =>
  choices.map(one => candidates[one.candidate]!.case)

describe.each([...STRATEGIES.values()])('the strategy $name', strategy => {
  const options = (n = pool.length, seed = 1): RankOptions => ({
    seed,
    learned: HEADS,
    batch: 5,
    ...(strategy.needs.includes('draws') ? { draws: drawsOf(n) } : {}),
  })
  const rank = (candidates: readonly Candidate[], given = options(candidates.length)) =>
    rankCandidates(strategy, candidates, given)

  it('puts every case of the pool in order, each once', () => {
    expect(names(pool, rank(pool)).sort()).toEqual(pool.map(one => one.case).sort())
  })

  it('is the same for the same seed', () => {
    expect(rank(pool)).toEqual(rank(pool))
  })

  it.skipIf(strategy.needs.includes('draws'))('does not depend on the order the pool comes in', () => {
    const turned = [...pool].reverse()
    expect(names(turned, rank(turned))).toEqual(names(pool, rank(pool)))
  })

  it('gives falling scores and says why in words, for a head that was asked for', () => {
    const ranked = rank(pool)
    for (let at = 1; at < ranked.length; at++)
      expect(ranked[at]!.score).toBeLessThanOrEqual(ranked[at - 1]!.score + 1e-12)
    for (const { why, head } of ranked) {
      expect(why).toMatch(/^\S.{8,}/)
      expect(HEADS).toContain(head)
    }
  })

  it('speaks only for the heads that are wanted', () => {
    const ranked = rank(pool, { ...options(), wanted: ['Csld'] })
    expect(new Set(ranked.map(one => one.head))).toEqual(new Set(['Csld']))
  })

  it('is a pure function: pool and options are as they were', () => {
    const given = options()
    const before = structuredClone([pool, given])
    rank(pool, given)
    expect([pool, given]).toEqual(before)
  })

  it('works where nothing was learned yet', () => {
    expect(rank(pool, { ...options(), learned: [] })).toHaveLength(pool.length)
  })

  it('works on a single case, and on a batch larger than the pool', () => {
    expect(rank(pool.slice(0, 1), { ...options(1), batch: 50 })).toHaveLength(1)
    expect(rank(pool, { ...options(), batch: 500 })).toHaveLength(pool.length)
  })

  it('works on cases that look all the same', () => {
    const same = pool.map(one => ({ ...one, features: new Float32Array(4).fill(2) }))
    expect(new Set(names(same, rank(same))).size).toBe(pool.length)
  })

  it('looks at a shortlist of a larger pool, and lists every case once', () => {
    const ranked = rankCandidates(strategy, pool, options(), 8)
    expect(new Set(names(pool, ranked)).size).toBe(pool.length)
    for (let at = 1; at < ranked.length; at++)
      expect(ranked[at]!.score).toBeLessThanOrEqual(ranked[at - 1]!.score + 1e-12)
  })

  it('refuses an empty pool, an exhausted pool and a case given twice, each by its own word', () => {
    const read = [{ values: HEADS.map(() => null) }]
    expect(() => rank([])).toThrow(expect.objectContaining({ code: 'pool-empty' }))
    expect(() => rank([], { ...options(), read })).toThrow(/exhausted: all 1 cases/)
    expect(() => rank([], { ...options(), read })).toThrow(
      expect.objectContaining({ code: 'pool-exhausted' }),
    )
    expect(() => rank([pool[0]!, pool[0]!])).toThrow(expect.objectContaining({ code: 'case-twice' }))
  })
})

describe('strategies that compare pictures', () => {
  const bare = pool.map(({ case: id, probabilities }) => ({ case: id, probabilities }))
  const options = { seed: 1, learned: HEADS, batch: 5 }

  it.each(['core-set', 'badge', 'typiclust'])('%s says what is missing where there are no features', name => {
    expect(() => rankCandidates(strategyOf(name), bare, options)).toThrow(
      /it compares features, and c0\.00 has none/,
    )
  })

  it('the default goes without, by margin alone', () => {
    expect(rankCandidates(strategyOf('balanced'), bare, options)).toHaveLength(bare.length)
  })

  it('bald says what is missing where the model was not asked under dropout', () => {
    expect(() => rankCandidates(strategyOf('bald'), bare, options)).toThrow(
      expect.objectContaining({ code: 'draws-missing' }),
    )
  })

  it('features of two backbones are refused', () => {
    const mixed = [pool[0]!, { ...pool[1]!, features: new Float32Array(3) }]
    expect(() => rankCandidates(strategyOf('core-set'), mixed, options)).toThrow(
      expect.objectContaining({ code: 'features-differ' }),
    )
  })
})

describe('strategies by name', () => {
  it('are the ones the field knows, with a default of our own', () => {
    expect([...STRATEGIES.keys()]).toEqual([
      'balanced',
      'random',
      'entropy',
      'margin',
      'least-confidence',
      'bald',
      'core-set',
      'badge',
      'typiclust',
    ])
    expect(STRATEGIES.has(DEFAULT_STRATEGY)).toBe(true)
  })

  it('are listed where an unknown one is asked for', () => {
    expect(() => strategyOf('hunch')).toThrow(/^strategy: hunch: expected one of balanced, random, entropy/)
  })
})
