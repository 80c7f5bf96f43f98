/**
 * The heads the simulation retrains each round: L2 logistic regression on features standardised over the whole pool
 * (their labels are unknown, their features are not), solved in the space of the rows by Newton's method, so that a fit
 * takes milliseconds. `checkAgainstLogisticRegression` holds it against data/statistics.
 */
import { join } from 'node:path'

const dist = path => import(join(import.meta.dirname, '..', '..', 'dist', path))
const { choleskyInPlace, choleskySolve } = await dist('data/statistics/cholesky.js')
const { logisticProbabilities, logisticRegression } = await dist('data/statistics/logistic-regression.js')

const sigmoid = z => 1 / (1 + Math.exp(-z))

/** Pool and test rows by the pool's scale, and the inner products of pool rows with all rows. */
export function prepare(pool, test) {
  const width = pool[0].features.length
  const mean = new Float64Array(width)
  const deviation = new Float64Array(width)
  for (const { features } of pool) for (let k = 0; k < width; k++) mean[k] += features[k] / pool.length
  for (const { features } of pool)
    for (let k = 0; k < width; k++) deviation[k] += (features[k] - mean[k]) ** 2 / pool.length
  for (let k = 0; k < width; k++) deviation[k] = deviation[k] > 1e-12 ? Math.sqrt(deviation[k]) : 1
  const x = [...pool, ...test].map(({ features }) =>
    Float64Array.from(features, (value, k) => (value - mean[k]) / deviation[k]),
  )
  const products = x.map(row => {
    const with_ = new Float64Array(pool.length)
    for (let at = 0; at < pool.length; at++) {
      let sum = 0
      for (let k = 0; k < width; k++) sum += row[k] * x[at][k]
      with_[at] = sum
    }
    return with_
  })
  return { pool, test, x, products, width }
}

/** Fits one head on rows of the pool; a head with one class answers with its base rate. */
export function fitHead({ products }, rows, labels, l2) {
  const n = rows.length
  const positives = labels.reduce((sum, label) => sum + label, 0)
  const rate = Math.log((positives + 0.5) / (n - positives + 0.5))
  if (positives === 0 || positives === n)
    return { rows, dual: new Float64Array(n), intercept: rate, learned: false }
  const gram = Float64Array.from({ length: n * n }, (_, at) => products[rows[(at / n) | 0]][rows[at % n]])
  let dual = new Float64Array(n)
  let intercept = rate
  const scores = new Float64Array(n).fill(rate)
  for (let step = 0; step < 50; step++) {
    const system = Float64Array.from(gram)
    const target = new Float64Array(n)
    const ones = new Float64Array(n).fill(1)
    for (let row = 0; row < n; row++) {
      const probability = sigmoid(scores[row])
      const curvature = Math.max(1e-6, probability * (1 - probability))
      system[row * n + row] += l2 / curvature
      target[row] = scores[row] + (labels[row] - probability) / curvature
    }
    if (!choleskyInPlace(system, n)) throw new Error('bench: the fit broke down')
    choleskySolve(system, n, target)
    choleskySolve(system, n, ones)
    const sum = values => values.reduce((all, one) => all + one, 0)
    intercept = sum(target) / sum(ones)
    dual = target.map((value, row) => value - intercept * ones[row])
    let moved = 0
    for (let row = 0; row < n; row++) {
      let score = intercept
      for (let at = 0; at < n; at++) score += gram[row * n + at] * dual[at]
      moved = Math.max(moved, Math.abs(score - scores[row]))
      scores[row] = score
    }
    if (moved < 1e-6) break
  }
  return { rows, dual, intercept, learned: true }
}

/** Probabilities of any rows (of the pool, or after it of the test set). */
export const probabilities = ({ products }, head, rows) =>
  Float64Array.from(rows, row => {
    let score = head.intercept
    head.rows.forEach((by, at) => {
      score += products[row][by] * head.dual[at]
    })
    return sigmoid(score)
  })

/** Probabilities under dropout on the features: [draws][rows]. */
export function dropped({ x, width }, head, rows, random, { draws = 20, rate = 0.5 } = {}) {
  const weights = new Float64Array(width)
  head.rows.forEach((by, at) => {
    for (let k = 0; k < width; k++) weights[k] += head.dual[at] * x[by][k]
  })
  return Array.from({ length: draws }, () => {
    const masked = weights.map(weight => (random.chance(rate) ? 0 : weight / (1 - rate)))
    return Float64Array.from(rows, row => {
      let score = head.intercept
      for (let k = 0; k < width; k++) score += masked[k] * x[row][k]
      return sigmoid(score)
    })
  })
}

/** The largest difference of probability between this fit and data/statistics on the same standardised rows. */
export function checkAgainstLogisticRegression(prepared, rows, labels, l2) {
  const own = probabilities(prepared, fitHead(prepared, rows, labels, l2), rows)
  const x = rows.map(row => prepared.x[row])
  const model = logisticRegression(x, labels, { l2, standardise: false })
  return logisticProbabilities(model, x).reduce((most, one, at) => Math.max(most, Math.abs(one - own[at])), 0)
}
