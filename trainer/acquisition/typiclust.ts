import { seededRandom } from '../../data/statistics/random.ts'
import { DEFAULT_BATCH } from './batch-size.ts'
import { placeScore } from './order.ts'
import { poolSpace } from './pool-space.ts'
import type { Strategy } from './strategy.ts'
import { type TypicalRow, typicalOrder } from './typical-cases.ts'
import { counted } from './words.ts'

/** TypiClust: the most typical case of every part of the pool that no read case covers. It needs no learned head. */
export const typiclustStrategy: Strategy = {
  name: 'typiclust',
  about: 'typical cases of the parts of the pool nobody has read from',
  needs: ['features'],
  rank(candidates, { seed, wanted, read = [], batch = DEFAULT_BATCH }) {
    const { space, order, read: isRead } = poolSpace(candidates, read, { unit: true, strategy: 'typiclust' })
    return typicalOrder(space, isRead, batch, seededRandom(seed).fork('typiclust')).map((one, place) => ({
      candidate: order[one.row]!,
      score: placeScore(place, candidates.length),
      head: wanted?.[0] ?? 'flag',
      why: whyTypical(one),
    }))
  },
}

/** "typical of 41 cases, none of them read" */
export const whyTypical = ({ cluster, covered }: TypicalRow) =>
  cluster === 1
    ? 'like no other case of the pool'
    : `typical of ${counted(cluster, 'similar case')}, ${covered === 0 ? 'none' : covered} of them read or asked for before`
