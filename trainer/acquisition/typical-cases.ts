import type { Random } from '../../data/statistics/random.ts'
import { type FeatureSpace, squaredDistance } from './feature-space.ts'
import { kMeans } from './k-means.ts'

/** Neighbours a case's typicality is taken over, as in the paper. */
const NEIGHBOURS = 20
/** Most clusters. */
const CLUSTERS = 200

/** A row as it comes in the order of typical cases. */
export interface TypicalRow {
  row: number
  /** Rows of its cluster, and how many of them were read or come before it. */
  cluster: number
  covered: number
}

/**
 * TypiClust's order (Hacohen, Dekel and Weinshall 2022): the rows are clustered into as many clusters as cases will
 * have been read; the next case is the most typical of the least covered cluster, of these the largest. Typicality is
 * the inverse of the mean distance to the nearest neighbours in the cluster.
 * @param read which rows were read; they cover their clusters and are not in the order.
 * @param batch cases that will be read together. @returns all other rows.
 */
export function typicalOrder(
  space: FeatureSpace,
  read: readonly boolean[],
  batch: number,
  random: Random,
): TypicalRow[] {
  const known = read.reduce((sum, one) => sum + (one ? 1 : 0), 0)
  const k = Math.max(1, Math.min(known + batch, CLUSTERS, space.n))
  const clusters = kMeans(space, k, random)
  const members = Array.from({ length: k }, () => [] as number[])
  clusters.forEach((cluster, row) => {
    members[cluster]!.push(row)
  })
  const open = members
    .filter(rows => rows.length > 0)
    .map(rows => ({
      size: rows.length,
      covered: rows.filter(row => read[row]).length,
      waiting: byTypicality(space, rows).filter(row => !read[row]),
    }))
  const order: TypicalRow[] = []
  while (order.length < space.n - known) {
    const next = open.reduce((best, one) => (comesBefore(one, best) ? one : best))
    order.push({ row: next.waiting.shift()!, cluster: next.size, covered: next.covered })
    next.covered++
  }
  return order
}

type Open = { size: number; covered: number; waiting: number[] }

function comesBefore(one: Open, other: Open): boolean {
  if (one.waiting.length === 0 || other.waiting.length === 0) return one.waiting.length > other.waiting.length
  return one.covered < other.covered || (one.covered === other.covered && one.size > other.size)
}

/** Rows of a cluster, the most typical first. */
function byTypicality(space: FeatureSpace, rows: readonly number[]): number[] {
  const typicality = new Map(rows.map(row => [row, typicalityOf(space, row, rows)]))
  return [...rows].sort((one, other) => typicality.get(other)! - typicality.get(one)! || one - other)
}

function typicalityOf(space: FeatureSpace, row: number, rows: readonly number[]): number {
  const distances = new Float64Array(rows.length - 1)
  let at = 0
  for (const other of rows) if (other !== row) distances[at++] = Math.sqrt(squaredDistance(space, row, other))
  const nearest = distances.sort().subarray(0, NEIGHBOURS)
  if (nearest.length === 0) return 0
  return nearest.length / (nearest.reduce((sum, one) => sum + one, 0) + 1e-9)
}
