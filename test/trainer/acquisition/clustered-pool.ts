import { HEADS } from '../../../data/records/vocabulary.ts'
import { seededRandom } from '../../../data/statistics/random.ts'
import type { Candidate } from '../../../trainer/acquisition/strategy.ts'

/** A pool of clusters of cases around distant centres: cases of one cluster are near-twins. */
export function clusteredPool(sizes: readonly number[], { seed = 1, width = 12, spread = 0.05 } = {}) {
  const random = seededRandom(seed)
  const clusters: number[] = []
  const candidates = sizes.flatMap((size, cluster) => {
    const centre = Array.from({ length: width }, () => random.normal())
    return Array.from({ length: size }, (_, at): Candidate => {
      clusters.push(cluster)
      return {
        case: `c${cluster}.${String(at).padStart(2, '0')}`,
        group: `g${cluster}.${at}`,
        features: Float32Array.from(centre, value => value + spread * random.normal()),
        probabilities: HEADS.map(() => random.between(0.3, 0.7)),
      }
    })
  })
  return { candidates, clusters }
}

/** Draws that contradict each other on the first case only. */
export const drawsOf = (n: number) =>
  Array.from({ length: 8 }, (_, draw) =>
    Float64Array.from({ length: n * 6 }, (_, at) => (at < 6 ? (draw % 2 === 0 ? 0.05 : 0.95) : 0.5)),
  )
