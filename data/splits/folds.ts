import { seededRandom } from '../statistics/random.ts'
import { distribute } from './stratify.ts'

/** What is known of a row, label by label; null: unknown. A lone value stands for a single label. */
export type FoldLabels = boolean | number | null | readonly (boolean | number | null)[]

/**
 * k folds for out-of-fold prediction: no group is in two folds, and positives (and negatives) of every label are
 * spread as evenly as whole groups allow.
 * @param groups group of each row. @param labels of each row.
 * @returns the fold of each row, 0…k−1. @throws RangeError where there are fewer groups than folds.
 */
export function groupFolds(
  groups: readonly string[],
  labels: readonly FoldLabels[],
  k: number,
  seed = 1,
): Int32Array {
  const names = [...new Set(groups)]
  if (!(Number.isInteger(k) && k >= 2)) throw new RangeError(`folds: ${k}: expected a whole number from 2 on`)
  if (names.length < k)
    throw new RangeError(`folds: ${names.length} groups: expected at least ${k}, one for each fold`)
  const rows = labels.map(row => (Array.isArray(row) ? row : [row]) as (boolean | number | null)[])
  const width = rows[0]?.length ?? 0
  const place = new Map(names.map((name, at) => [name, at]))
  // Each label counts twice, its positives and its negatives.
  const strata = names.map(() => ({ size: 0, counts: new Array<number>(2 * width).fill(0) }))
  groups.forEach((name, at) => {
    const stratum = strata[place.get(name)!]!
    stratum.size++
    rows[at]!.forEach((value, label) => {
      if (value !== null) stratum.counts[2 * label + (value ? 0 : 1)]!++
    })
  })
  const sides = distribute(strata, new Array<number>(k).fill(1 / k), seededRandom(seed))
  return Int32Array.from(groups, name => sides[place.get(name)!]!)
}
