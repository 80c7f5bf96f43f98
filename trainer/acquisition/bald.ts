import { binaryEntropy } from '../../data/statistics/entropy.ts'
import { learnedHeads } from './learned-heads.ts'
import { byScore } from './order.ts'
import type { Strategy } from './strategy.ts'
import { headName } from './words.ts'

/** Six heads a row: the layout of the draws. */
const ROW = 6

/**
 * BALD by Monte Carlo dropout (Houlsby et al. 2011; Gal, Islam and Ghahramani 2017): what the label would tell about
 * the model, H(mean p) − mean H(p) over draws with dropout, in bits, summed over the learned heads. High where the
 * draws contradict each other; low where every draw says "even odds".
 */
export const baldStrategy: Strategy = {
  name: 'bald',
  about: 'cases on which the model contradicts itself under dropout',
  needs: ['draws'],
  rank(candidates, options) {
    const heads = learnedHeads(options)
    const draws = options.draws ?? []
    const choices = candidates.map((_, candidate) => {
      const told = heads
        .map(({ head, at }) => {
          const each = draws.map(draw => draw[candidate * ROW + at]!)
          return { head, bits: information(each), low: Math.min(...each), high: Math.max(...each) }
        })
        .sort((one, other) => other.bits - one.bits)
      const first = told[0]
      return {
        candidate,
        score: told.reduce((sum, one) => sum + one.bits, 0),
        head: first?.head ?? options.wanted?.[0] ?? 'flag',
        why: first
          ? `under dropout the model says ${first.low.toFixed(2)} to ${first.high.toFixed(2)} for ${headName(first.head)}`
          : 'no head was learned yet',
      } as const
    })
    return byScore([...choices], candidates)
  },
}

/** Mutual information of label and model, in bits, from the probabilities of several draws of the model. */
export function information(probabilities: readonly number[]): number {
  if (probabilities.length === 0) return 0
  const mean = probabilities.reduce((sum, one) => sum + one, 0) / probabilities.length
  const own = probabilities.reduce((sum, one) => sum + binaryEntropy(one), 0) / probabilities.length
  return Math.max(0, binaryEntropy(mean) - own)
}
