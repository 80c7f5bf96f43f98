import { LesionloopError } from '../../data/errors.ts'

/** Feature rows brought to a common scale, [n·width] row by row. */
export interface FeatureSpace {
  n: number
  width: number
  x: Float32Array
  /** Squared length of every row. */
  squares: Float64Array
}

/**
 * Rows with every feature at mean 0 and deviation 1 over these rows (a constant one becomes 0).
 * @param unit also bring every row to length 1, so that squared distances are 2 − 2 · cosine (0…4).
 * @throws LesionloopError `features-differ` where rows differ in length.
 */
export function featureSpace(rows: readonly Float32Array[], { unit }: { unit: boolean }): FeatureSpace {
  const n = rows.length
  const width = rows[0]?.length ?? 0
  const x = new Float32Array(n * width)
  const mean = new Float64Array(width)
  const square = new Float64Array(width)
  rows.forEach((row, at) => {
    if (row.length !== width)
      throw new LesionloopError(
        'features-differ',
        `features: row ${at}: ${row.length} numbers: expected ${width} as in the first; take the features of one backbone`,
      )
    for (let k = 0; k < width; k++) mean[k]! += row[k]! / n
  })
  for (const row of rows) for (let k = 0; k < width; k++) square[k]! += (row[k]! - mean[k]!) ** 2 / n
  const scale = square.map(variance => (variance > 1e-12 ? 1 / Math.sqrt(variance) : 0))
  const squares = new Float64Array(n)
  rows.forEach((row, at) => {
    const from = at * width
    let sum = 0
    for (let k = 0; k < width; k++) {
      const value = (row[k]! - mean[k]!) * scale[k]!
      x[from + k] = value
      sum += value * value
    }
    if (unit && sum > 0) {
      const length = Math.sqrt(sum)
      for (let k = 0; k < width; k++) x[from + k]! /= length
    }
    squares[at] = unit ? (sum > 0 ? 1 : 0) : sum
  })
  return { n, width, x, squares }
}

/** Inner product of two rows. */
export function dot({ x, width }: FeatureSpace, one: number, other: number): number {
  const a = one * width
  const b = other * width
  // Four sums at a time: the additions need not wait for each other.
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  let k = 0
  for (; k + 3 < width; k += 4) {
    s0 += x[a + k]! * x[b + k]!
    s1 += x[a + k + 1]! * x[b + k + 1]!
    s2 += x[a + k + 2]! * x[b + k + 2]!
    s3 += x[a + k + 3]! * x[b + k + 3]!
  }
  for (; k < width; k++) s0 += x[a + k]! * x[b + k]!
  return s0 + s1 + s2 + s3
}

/** Squared Euclidean distance of two rows. */
export const squaredDistance = (space: FeatureSpace, one: number, other: number) =>
  Math.max(0, space.squares[one]! + space.squares[other]! - 2 * dot(space, one, other))
