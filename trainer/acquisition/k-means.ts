import type { Random } from '../../data/statistics/random.ts'
import { type FeatureSpace, squaredDistance } from './feature-space.ts'

/** Steps after which the clusters are taken as they are. */
const STEPS = 12

/**
 * k-means (Lloyd 1982) from k-means++ seeds (Arthur and Vassilvitskii 2007).
 * @returns the cluster of each row, 0…k−1; some may stay empty where rows coincide.
 */
export function kMeans(space: FeatureSpace, k: number, random: Random): Int32Array {
  const { n, width, x } = space
  const centres = new Float32Array(k * width)
  plusPlusSeeds(space, k, random).forEach((row, place) => {
    centres.set(x.subarray(row * width, (row + 1) * width), place * width)
  })
  const clusters = new Int32Array(n).fill(-1)
  for (let step = 0; step < STEPS; step++) {
    const halves = halfSquares(centres, k, width)
    let moved = 0
    for (let row = 0; row < n; row++) {
      const nearest = nearestCentre(x, row, centres, halves, k, width)
      if (nearest !== clusters[row]) moved++
      clusters[row] = nearest
    }
    if (moved === 0) break
    moveCentres(space, clusters, centres, k)
  }
  return clusters
}

/** Rows drawn one by one, each with a chance in proportion to its squared distance from those drawn before. */
function plusPlusSeeds(space: FeatureSpace, k: number, random: Random): number[] {
  const { n } = space
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY)
  const seeds = [random.integer(n)]
  while (seeds.length < k) {
    const last = seeds.at(-1)!
    let total = 0
    for (let row = 0; row < n; row++) {
      nearest[row] = Math.min(nearest[row]!, squaredDistance(space, row, last))
      total += nearest[row]!
    }
    seeds.push(drawByWeight(nearest, total, random))
  }
  return seeds
}

/** A place with a chance in proportion to its weight; by chance alone where all weights are nought. */
export function drawByWeight(weights: Float64Array, total: number, random: Random): number {
  if (!(total > 0)) return random.integer(weights.length)
  let left = random.next() * total
  let last = 0
  for (let at = 0; at < weights.length; at++) {
    if (weights[at] === 0) continue
    last = at
    left -= weights[at]!
    if (left <= 0) return at
  }
  return last
}

function halfSquares(centres: Float32Array, k: number, width: number): Float64Array {
  const halves = new Float64Array(k)
  for (let at = 0; at < k * width; at++) halves[Math.floor(at / width)]! += centres[at]! ** 2 / 2
  return halves
}

/** The centre c with the largest x·c − |c|²/2, which is the nearest. */
function nearestCentre(
  x: Float32Array,
  row: number,
  centres: Float32Array,
  halves: Float64Array,
  k: number,
  width: number,
): number {
  const from = row * width
  let best = 0
  let most = Number.NEGATIVE_INFINITY
  for (let centre = 0; centre < k; centre++) {
    const at = centre * width
    let [even, odd] = [-halves[centre]!, 0]
    let feature = 0
    for (; feature + 1 < width; feature += 2) {
      even += x[from + feature]! * centres[at + feature]!
      odd += x[from + feature + 1]! * centres[at + feature + 1]!
    }
    if (feature < width) even += x[from + feature]! * centres[at + feature]!
    if (even + odd > most) {
      most = even + odd
      best = centre
    }
  }
  return best
}

/** Each centre to the mean of its rows; one without rows stays where it is. */
function moveCentres({ n, width, x }: FeatureSpace, clusters: Int32Array, centres: Float32Array, k: number) {
  const sums = new Float64Array(k * width)
  const counts = new Int32Array(k)
  for (let row = 0; row < n; row++) {
    const cluster = clusters[row]!
    counts[cluster]!++
    for (let feature = 0; feature < width; feature++)
      sums[cluster * width + feature]! += x[row * width + feature]!
  }
  for (let at = 0; at < sums.length; at++) {
    const count = counts[Math.floor(at / width)]!
    if (count > 0) centres[at] = sums[at]! / count
  }
}
