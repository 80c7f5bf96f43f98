import { seededRandom } from '../../data/statistics/random.ts'
import type { Strategy } from './strategy.ts'

/** The control every other strategy is measured against: the pool in an order of chance. */
export const randomStrategy: Strategy = {
  name: 'random',
  about: 'an order of chance: the control for every other strategy',
  rank(candidates, { seed }) {
    // By name first, so that the order depends on the seed and the cases only.
    const named = candidates
      .map((_, at) => at)
      .sort((one, other) => (candidates[one]!.case < candidates[other]!.case ? -1 : 1))
    const n = candidates.length
    return seededRandom(seed)
      .fork('random strategy')
      .shuffle(named)
      .map((candidate, rank) => ({ candidate, score: (n - rank) / n, head: 'flag', why: 'drawn by chance' }))
  },
}
