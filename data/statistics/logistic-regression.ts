import type { Labels } from './binary.ts'
import { choleskyInPlace, choleskySolve, pivotedCholesky } from './cholesky.ts'
import { sigmoid, softplus } from './logit.ts'

export interface LogisticOptions {
  /** Strength of the penalty l2/2 · |w|², on standardised features (scikit-learn's C is 1 / l2). Default 1. */
  l2?: number
  /** Bring every feature to mean 0 and deviation 1 first. Default true. */
  standardise?: boolean
  /** `balanced`: each class weighs as much as the other in all; or the weight of each. */
  classWeights?: 'balanced' | { negative: number; positive: number }
  /** A weight for each row, times its class's. */
  rowWeights?: ArrayLike<number>
}

/** A fitted model in the features' own units: probability = sigmoid(intercept + weights · row). */
export interface LogisticModel {
  weights: Float64Array
  intercept: number
  /** Newton steps taken, and whether the gradient came to rest. */
  steps: number
  converged: boolean
}

/**
 * L2-penalised logistic regression, intercept not penalised, by Newton's method (exact and the same every time).
 * Where there are more features than rows, it works in the space of the rows: n = 746, d = 2000 takes seconds.
 * @param rows n rows of d features each. @param labels n labels; both classes must be there.
 * @throws RangeError where a class is missing, rows differ in length or a feature is no finite number.
 */
export function logisticRegression(
  rows: readonly ArrayLike<number>[],
  labels: Labels,
  options: LogisticOptions = {},
): LogisticModel {
  const n = rows.length
  const d = rows[0]?.length ?? 0
  if (n !== labels.length)
    throw new RangeError(`logistic regression: ${n} rows, ${labels.length} labels: expected as many of each`)
  const weights = itemWeights(labels, options)
  const { x, centre, scale } = flatten(rows, d, options.standardise ?? true)
  const l2 = options.l2 ?? 1
  let fit: { w: Float64Array; intercept: number; steps: number; converged: boolean }
  if (d <= n || l2 <= 0) fit = newton(x, n, d, labels, weights, l2)
  else {
    const reduced = pivotedCholesky(gram(x, n, d), n)
    const inner = newton(reduced.factor, n, reduced.rank, labels, weights, l2)
    fit = { ...inner, w: backFromRows(x, d, reduced, inner.w) }
  }
  const own = fit.w.map((weight, at) => weight / scale[at]!)
  let intercept = fit.intercept
  for (let at = 0; at < d; at++) intercept -= own[at]! * centre[at]!
  return { weights: own, intercept, steps: fit.steps, converged: fit.converged }
}

/** Probabilities of rows in the units the model was fitted on. */
export function logisticProbabilities(
  model: LogisticModel,
  rows: readonly ArrayLike<number>[],
): Float64Array {
  return Float64Array.from(rows, row => {
    let sum = model.intercept
    for (let at = 0; at < model.weights.length; at++) sum += model.weights[at]! * row[at]!
    return sigmoid(sum)
  })
}

function itemWeights(labels: Labels, options: LogisticOptions): Float64Array {
  const n = labels.length
  let positives = 0
  for (let at = 0; at < n; at++) if (labels[at]) positives++
  if (positives === 0 || positives === n)
    throw new RangeError(`logistic regression: ${positives} positives of ${n}: expected both classes`)
  const classes =
    options.classWeights === 'balanced'
      ? { positive: n / (2 * positives), negative: n / (2 * (n - positives)) }
      : (options.classWeights ?? { positive: 1, negative: 1 })
  return Float64Array.from({ length: n }, (_, at) => {
    return (labels[at] ? classes.positive : classes.negative) * (options.rowWeights?.[at] ?? 1)
  })
}

function flatten(rows: readonly ArrayLike<number>[], d: number, standardise: boolean) {
  const n = rows.length
  const x = new Float64Array(n * d)
  rows.forEach((row, at) => {
    if (row.length !== d)
      throw new RangeError(`logistic regression: row ${at}: ${row.length} features: expected ${d}`)
    for (let k = 0; k < d; k++) {
      if (!Number.isFinite(row[k]))
        throw new RangeError(
          `logistic regression: row ${at}, feature ${k}: ${row[k]}: expected a finite number`,
        )
      x[at * d + k] = row[k]!
    }
  })
  const centre = new Float64Array(d)
  const scale = new Float64Array(d).fill(1)
  if (standardise)
    for (let k = 0; k < d; k++) {
      let sum = 0
      for (let at = 0; at < n; at++) sum += x[at * d + k]!
      const mean = sum / n
      let squares = 0
      for (let at = 0; at < n; at++) squares += (x[at * d + k]! - mean) ** 2
      const deviation = Math.sqrt(squares / n)
      centre[k] = mean
      // A constant feature tells nothing; left at scale 1 it becomes all zero.
      if (deviation > 1e-12 * (1 + Math.abs(mean))) scale[k] = deviation
      for (let at = 0; at < n; at++) x[at * d + k] = (x[at * d + k]! - mean) / scale[k]!
    }
  return { x, centre, scale }
}

function gram(x: Float64Array, n: number, d: number): Float64Array {
  const g = new Float64Array(n * n)
  for (let row = 0; row < n; row++)
    for (let other = 0; other <= row; other++) {
      let sum = 0
      for (let k = 0; k < d; k++) sum += x[row * d + k]! * x[other * d + k]!
      g[row * n + other] = sum
      g[other * n + row] = sum
    }
  return g
}

/**
 * The weights on the features, w = Xᵀ a, that give what v gives on the factor L of X Xᵀ: a lies on the pivot rows
 * alone, where Lᵀ a = v is triangular; |w| = |v|, so that the penalty is the same.
 */
function backFromRows(
  x: Float64Array,
  d: number,
  reduced: { factor: Float64Array; rank: number; pivots: Int32Array },
  v: Float64Array,
): Float64Array {
  const { factor, rank, pivots } = reduced
  const a = new Float64Array(rank)
  for (let k = rank - 1; k >= 0; k--) {
    let sum = v[k]!
    for (let j = k + 1; j < rank; j++) sum -= factor[pivots[j]! * rank + k]! * a[j]!
    a[k] = sum / factor[pivots[k]! * rank + k]!
  }
  const w = new Float64Array(d)
  for (let k = 0; k < rank; k++) for (let at = 0; at < d; at++) w[at]! += a[k]! * x[pivots[k]! * d + at]!
  return w
}

/** Newton's method with step halving on x (n × d) and an intercept, the last unknown. */
function newton(x: Float64Array, n: number, d: number, labels: Labels, weights: Float64Array, l2: number) {
  const size = d + 1
  let unknowns = new Float64Array(size)
  const scoreOf = (from: Float64Array, at: number) => {
    let sum = from[d]!
    for (let k = 0; k < d; k++) sum += from[k]! * x[at * d + k]!
    return sum
  }
  const loss = (from: Float64Array) => {
    let sum = 0
    for (let at = 0; at < n; at++) {
      const z = scoreOf(from, at)
      sum += weights[at]! * softplus(labels[at] ? -z : z)
    }
    for (let k = 0; k < d; k++) sum += (l2 / 2) * from[k]! ** 2
    return sum
  }
  let now = loss(unknowns)
  const hessian = new Float64Array(size * size)
  for (let step = 1; step <= 100; step++) {
    const gradient = new Float64Array(size)
    hessian.fill(0)
    const curvatures = new Float64Array(n)
    for (let at = 0; at < n; at++) {
      const p = sigmoid(scoreOf(unknowns, at))
      const gap = weights[at]! * (p - (labels[at] ? 1 : 0))
      const curvature = weights[at]! * p * (1 - p)
      curvatures[at] = curvature
      for (let k = 0; k < d; k++) {
        const value = x[at * d + k]!
        gradient[k]! += gap * value
        hessian[d * size + k]! += curvature * value
      }
      gradient[d]! += gap
      hessian[d * size + d]! += curvature
    }
    addWeightedProducts(hessian, size, x, n, d, curvatures)
    for (let k = 0; k < d; k++) {
      gradient[k]! += l2 * unknowns[k]!
      hessian[k * size + k]! += l2
    }
    hessian[d * size + d]! += 1e-12
    const steepest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    if (steepest < 1e-10)
      return { w: unknowns.slice(0, d), intercept: unknowns[d]!, steps: step - 1, converged: true }
    let ridge = 0
    let factor = Float64Array.from(hessian)
    while (!choleskyInPlace(factor, size)) {
      ridge = ridge === 0 ? 1e-10 : ridge * 10
      factor = Float64Array.from(hessian)
      for (let k = 0; k < size; k++) factor[k * size + k]! += ridge
    }
    const move = Float64Array.from(gradient)
    choleskySolve(factor, size, move)
    let share = 1
    let next = unknowns
    let then = now
    for (; share > 1e-12; share /= 2) {
      next = unknowns.map((value, at) => value - share * move[at]!)
      then = loss(next)
      if (then <= now + 1e-12 * Math.abs(now)) break
    }
    const still = Math.abs(now - then) <= 1e-15 * Math.abs(now) && steepest < 1e-6
    unknowns = next
    now = then
    if (still) return { w: unknowns.slice(0, d), intercept: unknowns[d]!, steps: step, converged: true }
  }
  return { w: unknowns.slice(0, d), intercept: unknowns[d]!, steps: 100, converged: false }
}

/** Adds Xᵀ diag(c) X to the lower triangle of `into`, four rows at a time, which spares most of the memory traffic. */
function addWeightedProducts(
  into: Float64Array,
  size: number,
  x: Float64Array,
  n: number,
  d: number,
  c: Float64Array,
): void {
  for (let at = 0; at < n; at += 4) {
    // Past the last row, a row of weight 0 stands in.
    const [r0, r1, r2, r3] = [0, 1, 2, 3].map(by => Math.min(at + by, n - 1) * d) as [
      number,
      number,
      number,
      number,
    ]
    const c0 = c[at]!
    const c1 = at + 1 < n ? c[at + 1]! : 0
    const c2 = at + 2 < n ? c[at + 2]! : 0
    const c3 = at + 3 < n ? c[at + 3]! : 0
    for (let k = 0; k < d; k++) {
      const v0 = c0 * x[r0 + k]!
      const v1 = c1 * x[r1 + k]!
      const v2 = c2 * x[r2 + k]!
      const v3 = c3 * x[r3 + k]!
      const row = k * size
      for (let j = 0; j <= k; j++)
        into[row + j]! += v0 * x[r0 + j]! + v1 * x[r1 + j]! + v2 * x[r2 + j]! + v3 * x[r3 + j]!
    }
  }
}
