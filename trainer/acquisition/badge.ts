import { seededRandom } from '../../data/statistics/random.ts'
import { DEFAULT_BATCH } from './batch-size.ts'
import { dot } from './feature-space.ts'
import { drawByWeight } from './k-means.ts'
import { learnedHeads } from './learned-heads.ts'
import { placeScore } from './order.ts'
import { poolSpace } from './pool-space.ts'
import type { Strategy } from './strategy.ts'
import { leastSureFirst, whyUnsure } from './uncertainty.ts'

/**
 * BADGE (Ash et al. 2020): k-means++ sampling on the gradients of the loss by the heads' weights, taking the likelier
 * answer as the label. A head's gradient is (p − ŷ) · features, so that inner products need no gradient to be held:
 * ⟨g, g'⟩ = (Σ over heads of r r') · (x·x' + 1). Large and different gradients come first; the rest by length.
 */
export const badgeStrategy: Strategy = {
  name: 'badge',
  about: 'a varied batch of cases that would change the heads most (gradient embeddings)',
  needs: ['features'],
  rank(candidates, options) {
    const { seed, wanted, batch = DEFAULT_BATCH } = options
    const heads = learnedHeads(options)
    const { space, order } = poolSpace(candidates, [], { unit: false, strategy: 'badge' })
    const n = candidates.length
    const h = heads.length
    const residuals = new Float64Array(n * h)
    order.forEach((at, row) => {
      heads.forEach((head, place) => {
        const probability = candidates[at]!.probabilities[head.at]!
        residuals[row * h + place] = probability - (probability > 0.5 ? 1 : 0)
      })
    })
    const product = (one: number, other: number) => {
      let shared = 0
      for (let head = 0; head < h; head++) shared += residuals[one * h + head]! * residuals[other * h + head]!
      return shared === 0 ? 0 : shared * (dot(space, one, other) + 1)
    }
    const lengths = Float64Array.from(order, (_, row) => product(row, row))
    const byLength = [...order.keys()].sort((one, other) => lengths[other]! - lengths[one]! || one - other)

    const random = seededRandom(seed).fork('badge')
    const chosen = new Set<number>()
    const nearest = Float64Array.from(lengths)
    let next = byLength[0]!
    while (chosen.size < Math.min(batch, n)) {
      chosen.add(next)
      let total = 0
      for (let row = 0; row < n; row++) {
        const distance = lengths[row]! + lengths[next]! - 2 * product(row, next)
        const least = chosen.size === 1 ? distance : Math.min(nearest[row]!, distance)
        nearest[row] = chosen.has(row) ? 0 : Math.max(0, least)
        total += nearest[row]!
      }
      next = total > 0 ? drawByWeight(nearest, total, random) : byLength.find(row => !chosen.has(row))!
    }
    return [...chosen, ...byLength.filter(row => !chosen.has(row))].map((row, place) => {
      const unsure = leastSureFirst(candidates[order[row]!]!, heads)
      return {
        candidate: order[row]!,
        score: placeScore(place, n),
        head: unsure[0]?.head ?? wanted?.[0] ?? 'flag',
        why: `${whyUnsure(unsure)}; its label would move the heads far`,
      }
    })
  },
}
