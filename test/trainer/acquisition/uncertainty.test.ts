import { describe, expect, it } from 'vitest'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { information } from '../../../trainer/acquisition/bald.ts'
import { strategyOf } from '../../../trainer/acquisition/strategy.ts'
import { drawsOf } from './clustered-pool.ts'

const options = { seed: 1, learned: HEADS }
const one = (probabilities: number[]) => [{ case: 'a', probabilities }]
const score = (name: string, probabilities: number[]) =>
  strategyOf(name).rank(one(probabilities), options)[0]!.score

describe('margin', () => {
  it('is 1 less the smallest distance between the two answers of any head', () => {
    expect(score('margin', [0.9, 0.8, 0.35, 0.1, 0.1, 0.1])).toBeCloseTo(0.7, 12)
  })
})

describe('least confidence', () => {
  it('is the chance that the likeliest label is wrong somewhere', () => {
    expect(score('least-confidence', [0.9, 0.8, 0.5, 0, 0, 1])).toBeCloseTo(1 - 0.9 * 0.8 * 0.5, 12)
  })
})

describe('entropy', () => {
  it('is the sum over the heads in bits', () => {
    // H(0.25) = 0.811278 bits.
    expect(score('entropy', [0.25, 0.25, 0, 0, 1, 1])).toBeCloseTo(2 * 0.8112781244591328, 10)
  })
})

describe('BALD', () => {
  it('is nothing where all draws agree, even at even odds', () => {
    expect(information([0.5, 0.5, 0.5])).toBeCloseTo(0, 12)
    expect(information([])).toBe(0)
  })

  it('is one bit where draws contradict each other with certainty', () => {
    expect(information([0, 1, 0, 1])).toBeCloseTo(1, 12)
  })

  it('is H(mean) less the mean of H', () => {
    // H(0.5) − (H(0.25) + H(0.75)) / 2 = 1 − 0.811278.
    expect(information([0.25, 0.75])).toBeCloseTo(1 - 0.8112781244591328, 10)
  })

  it('asks for the case the draws contradict each other on', () => {
    const pool = ['a', 'b', 'c'].map(id => ({ case: id, probabilities: HEADS.map(() => 0.5) }))
    const ranked = strategyOf('bald').rank(pool, { ...options, draws: drawsOf(3) })
    expect(ranked[0]).toMatchObject({ candidate: 0, why: /^under dropout the model says 0\.05 to 0\.95/ })
    expect(ranked[1]!.score).toBeCloseTo(0, 12)
  })
})
