import { seededRandom } from '../../data/statistics/random.ts'
import { DEFAULT_BATCH } from './batch-size.ts'
import { squaredDistance } from './feature-space.ts'
import { poolSpace } from './pool-space.ts'
import type { Strategy } from './strategy.ts'

/**
 * Core-set by the greedy k-center algorithm (Sener and Savarese 2018; Gonzalez 1985): each case is the one farthest
 * from everything read or chosen before. With nothing read, a case by chance comes first. The score is the distance,
 * in deviations of the features; those after the batch stand by their distance to it.
 */
export const coreSetStrategy: Strategy = {
  name: 'core-set',
  about: 'cases least like anything read or chosen before (greedy k-center)',
  needs: ['features'],
  rank(candidates, { seed, wanted, read = [], batch = DEFAULT_BATCH }) {
    const { space, order, read: isRead } = poolSpace(candidates, read, { unit: false, strategy: 'core-set' })
    const n = candidates.length
    const head = wanted?.[0] ?? 'flag'
    const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY)
    const cover = (by: number) => {
      for (let row = 0; row < n; row++)
        nearest[row] = Math.min(nearest[row]!, squaredDistance(space, row, by))
    }
    isRead.forEach((known, row) => {
      if (known) cover(row)
    })
    const waiting = new Set(order.keys())
    const distance = (row: number) => Math.sqrt(nearest[row]!)
    const chosen: { row: number; distance: number }[] = []
    const take = (row: number) => {
      chosen.push({ row, distance: distance(row) })
      waiting.delete(row)
      cover(row)
    }
    if (!isRead.includes(true)) take(seededRandom(seed).fork('core-set').integer(n))
    while (chosen.length < Math.min(batch, n)) {
      let farthest = -1
      for (const row of waiting) if (farthest < 0 || nearest[row]! > nearest[farthest]!) farthest = row
      take(farthest)
    }
    const rest = [...waiting]
      .sort((one, other) => nearest[other]! - nearest[one]! || one - other)
      .map(row => ({ row, distance: distance(row) }))
    return [...chosen, ...rest].map((one, place) => ({
      candidate: order[one.row]!,
      // Of the first case nothing is at a distance: it stands above the second.
      score: Number.isFinite(one.distance) ? one.distance : (chosen[1]?.distance ?? 0) + 1,
      head,
      why: Number.isFinite(one.distance)
        ? `${place < batch ? 'far from' : 'the rest, by its distance from'} everything read or chosen before (${one.distance.toFixed(1)} deviations)`
        : 'the first case, by chance: nothing was read before it',
    }))
  },
}
