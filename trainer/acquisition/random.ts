import { seededRandom } from '../../data/statistics/random.ts'
import { named, placeScore } from './order.ts'
import type { Strategy } from './strategy.ts'

/** The control every other strategy is measured against: the pool in an order of chance. */
export const randomStrategy: Strategy = {
  name: 'random',
  about: 'an order of chance: the control for every other strategy',
  needs: [],
  rank(candidates, { seed, wanted }) {
    return seededRandom(seed)
      .fork('random strategy')
      .shuffle(named(candidates))
      .map((candidate, rank) => ({
        candidate,
        score: placeScore(rank, candidates.length),
        head: wanted?.[0] ?? 'flag',
        why: 'drawn by chance',
      }))
  },
}
