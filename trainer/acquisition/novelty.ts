import { seededRandom } from '../../data/statistics/random.ts'
import { type FeatureSpace, squaredDistance } from './feature-space.ts'

/** Read cases a candidate is compared with at most: more would tell little and cost seconds in a large pool. */
const COMPARED = 500
/** Pairs the usual distance is taken over. */
const PAIRS = 2000

/**
 * How unlike everything read or chosen before a row is: its squared distance to the nearest, as a share of the usual
 * distance between two rows, at most 1. A near-twin of a chosen case has about 0.
 */
export interface Novelty {
  of(row: number): number
  /** A row was chosen. */
  add(row: number): void
}

/** @param waiting the number of first rows that can be asked about; the rest was read. */
export function noveltyIn(space: FeatureSpace, waiting: number, seed: number): Novelty {
  const random = seededRandom(seed).fork('novelty')
  const distances = Float64Array.from({ length: space.n > 1 ? PAIRS : 0 }, () => {
    const one = random.integer(space.n)
    return squaredDistance(space, one, (one + 1 + random.integer(space.n - 1)) % space.n)
  }).sort()
  const usual = distances[distances.length >> 1] || 1
  const nearest = new Float64Array(waiting).fill(Number.POSITIVE_INFINITY)
  const add = (by: number) => {
    for (let row = 0; row < waiting; row++)
      nearest[row] = Math.min(nearest[row]!, squaredDistance(space, row, by))
  }
  const read = Array.from({ length: space.n - waiting }, (_, at) => waiting + at)
  for (const row of random.sample(read, COMPARED)) add(row)
  return { of: row => Math.min(1, nearest[row]! / usual), add }
}
