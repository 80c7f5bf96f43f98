/** Symmetric positive definite systems; matrices are flat, row by row. */

/** Factors A (n × n) in place into its lower triangle L, A = L Lᵀ. Returns false where A is not positive definite. */
export function choleskyInPlace(a: Float64Array, n: number): boolean {
  for (let row = 0; row < n; row++) {
    const at = row * n
    for (let column = 0; column <= row; column++) {
      const other = column * n
      let sum = a[at + column]!
      for (let k = 0; k < column; k++) sum -= a[at + k]! * a[other + k]!
      if (row === column) {
        if (!(sum > 0)) return false
        a[at + row] = Math.sqrt(sum)
      } else a[at + column] = sum / a[other + column]!
    }
  }
  return true
}

/** Solves L Lᵀ x = b, given L from `choleskyInPlace`; b becomes x. */
export function choleskySolve(l: Float64Array, n: number, b: Float64Array): void {
  for (let row = 0; row < n; row++) {
    let sum = b[row]!
    for (let k = 0; k < row; k++) sum -= l[row * n + k]! * b[k]!
    b[row] = sum / l[row * n + row]!
  }
  for (let row = n - 1; row >= 0; row--) {
    let sum = b[row]!
    for (let k = row + 1; k < n; k++) sum -= l[k * n + row]! * b[k]!
    b[row] = sum / l[row * n + row]!
  }
}

export interface PivotedCholesky {
  /** Factor, n × rank: G ≈ factor · factorᵀ. */
  factor: Float64Array
  rank: number
  /** The row taken at each step; factor[pivots[k]] is zero after column k. */
  pivots: Int32Array
}

/** Cholesky of a semidefinite G (n × n) with pivoting, stopped where what is left is below `tolerance` of the trace. */
export function pivotedCholesky(g: Float64Array, n: number, tolerance = 1e-13): PivotedCholesky {
  const left = Float64Array.from({ length: n }, (_, at) => g[at * n + at]!)
  let trace = 0
  for (const value of left) trace += value
  const factor = new Float64Array(n * n)
  const pivots: number[] = []
  while (pivots.length < n) {
    let pivot = 0
    for (let at = 1; at < n; at++) if (left[at]! > left[pivot]!) pivot = at
    if (!(left[pivot]! > tolerance * trace)) break
    const k = pivots.length
    pivots.push(pivot)
    const root = Math.sqrt(left[pivot]!)
    for (let row = 0; row < n; row++) {
      if (left[row]! < 0) continue
      let sum = g[row * n + pivot]!
      for (let j = 0; j < k; j++) sum -= factor[row * n + j]! * factor[pivot * n + j]!
      factor[row * n + k] = row === pivot ? root : sum / root
    }
    for (let row = 0; row < n; row++) if (left[row]! >= 0) left[row]! -= factor[row * n + k]! ** 2
    for (let row = 0; row < n; row++) if (left[row]! < 0) left[row] = 0
    left[pivot] = -1
  }
  const rank = pivots.length
  const packed = new Float64Array(n * rank)
  for (let row = 0; row < n; row++)
    for (let k = 0; k < rank; k++) packed[row * rank + k] = factor[row * n + k]!
  return { factor: packed, rank, pivots: Int32Array.from(pivots) }
}
