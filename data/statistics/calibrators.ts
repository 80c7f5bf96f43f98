import { checkScores, type Labels, type Scores } from './binary.ts'
import { logit, sigmoid, softplus } from './logit.ts'

/** A fitted correction of probabilities; plain data, so that it lies in a checkpoint as it is. */
export type Calibrator =
  | { kind: 'temperature'; temperature: number }
  | { kind: 'platt'; slope: number; intercept: number }
  | { kind: 'isotonic'; scores: number[]; probabilities: number[] }

/** The probability after correction. Temperature and Platt never change the order of two cases (Platt: slope > 0). */
export function calibrate(calibrator: Calibrator, probability: number): number {
  switch (calibrator.kind) {
    case 'temperature':
      return sigmoid(logit(probability) / calibrator.temperature)
    case 'platt':
      return sigmoid(calibrator.slope * logit(probability) + calibrator.intercept)
    case 'isotonic':
      return interpolate(calibrator.scores, calibrator.probabilities, probability)
  }
}

function bothClasses(labels: Labels): boolean {
  let positives = 0
  for (let at = 0; at < labels.length; at++) if (labels[at]) positives++
  return positives > 0 && positives < labels.length
}

/**
 * Temperature scaling (Guo et al. 2017): the one divisor of the logits that makes the labels likeliest, kept within
 * 0.05…20. null where a class is missing.
 */
export function fitTemperature(probabilities: Scores, labels: Labels): Calibrator | null {
  checkScores('temperature', probabilities, labels)
  if (!bothClasses(labels)) return null
  const logits = Float64Array.from({ length: probabilities.length }, (_, at) => logit(probabilities[at]!))
  // The loss is convex in β = 1/T: its slope rises with β, and bisection finds its zero to the last digit.
  const slope = (beta: number) => {
    let sum = 0
    for (let at = 0; at < logits.length; at++)
      sum += (sigmoid(beta * logits[at]!) - (labels[at] ? 1 : 0)) * logits[at]!
    return sum
  }
  let low = 1 / 20
  let high = 1 / 0.05
  for (let step = 0; step < 200 && high - low > 1e-15 * high; step++) {
    const middle = (low + high) / 2
    if (slope(middle) > 0) high = middle
    else low = middle
  }
  return { kind: 'temperature', temperature: 2 / (low + high) }
}

/**
 * Platt scaling: a slope and an intercept on the logit, with Platt's targets drawn in from 0 and 1 (Platt 1999; Lin,
 * Lin and Weng 2007 for the Newton steps). null where a class is missing.
 */
export function fitPlatt(probabilities: Scores, labels: Labels): Calibrator | null {
  checkScores('platt', probabilities, labels)
  if (!bothClasses(labels)) return null
  const n = probabilities.length
  const x = Float64Array.from({ length: n }, (_, at) => logit(probabilities[at]!))
  let positives = 0
  for (let at = 0; at < n; at++) if (labels[at]) positives++
  const high = (positives + 1) / (positives + 2)
  const low = 1 / (n - positives + 2)
  const target = (at: number) => (labels[at] ? high : low)
  const loss = (slope: number, intercept: number) => {
    let sum = 0
    for (let at = 0; at < n; at++) {
      const z = slope * x[at]! + intercept
      sum += softplus(z) - target(at) * z
    }
    return sum
  }
  let slope = 0
  let intercept = Math.log((positives + 1) / (n - positives + 1))
  for (let step = 0; step < 200; step++) {
    let [g0, g1, h00, h01, h11] = [0, 0, 1e-12, 0, 1e-12]
    for (let at = 0; at < n; at++) {
      const p = sigmoid(slope * x[at]! + intercept)
      const gap = p - target(at)
      const curvature = p * (1 - p)
      g0 += gap * x[at]!
      g1 += gap
      h00 += curvature * x[at]! * x[at]!
      h01 += curvature * x[at]!
      h11 += curvature
    }
    if (Math.abs(g0) < 1e-11 && Math.abs(g1) < 1e-11) break
    const determinant = h00 * h11 - h01 * h01
    const moveSlope = (h11 * g0 - h01 * g1) / determinant
    const moveIntercept = (h00 * g1 - h01 * g0) / determinant
    const before = loss(slope, intercept)
    let size = 1
    while (size > 1e-10 && loss(slope - size * moveSlope, intercept - size * moveIntercept) > before + 1e-12)
      size /= 2
    slope -= size * moveSlope
    intercept -= size * moveIntercept
    if (Math.hypot(size * moveSlope, size * moveIntercept) < 1e-14) break
  }
  return { kind: 'platt', slope, intercept }
}

/**
 * Isotonic regression by pooling adjacent violators (Zadrozny and Elkan 2002): a rising step function through the
 * observed shares, read with linear interpolation. It needs many positives (from about 200 on); null without cases.
 */
export function fitIsotonic(probabilities: Scores, labels: Labels): Calibrator | null {
  checkScores('isotonic', probabilities, labels)
  const n = probabilities.length
  if (n === 0) return null
  const order = Array.from({ length: n }, (_, at) => at).sort(
    (one, other) => probabilities[one]! - probabilities[other]! || one - other,
  )
  const blocks: { first: number; last: number; sum: number; count: number }[] = []
  for (const item of order) {
    const score = probabilities[item]!
    const value = labels[item] ? 1 : 0
    const tied = blocks.at(-1)
    // Equal scores are one point before anything is pooled.
    if (tied && tied.first === score) {
      tied.sum += value
      tied.count++
    } else blocks.push({ first: score, last: score, sum: value, count: 1 })
  }
  const pooled: typeof blocks = []
  for (const block of blocks) {
    pooled.push({ ...block })
    for (;;) {
      const last = pooled.at(-1)!
      const before = pooled.at(-2)
      if (!before || before.sum / before.count < last.sum / last.count) break
      pooled.splice(-2, 2, {
        first: before.first,
        last: last.last,
        sum: before.sum + last.sum,
        count: before.count + last.count,
      })
    }
  }
  const scores: number[] = []
  const values: number[] = []
  for (const block of pooled)
    for (const edge of block.first === block.last ? [block.first] : [block.first, block.last]) {
      scores.push(edge)
      values.push(block.sum / block.count)
    }
  return { kind: 'isotonic', scores, probabilities: values }
}

function interpolate(x: number[], y: number[], at: number): number {
  if (at <= x[0]!) return y[0]!
  if (at >= x.at(-1)!) return y.at(-1)!
  let low = 0
  let high = x.length - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (x[middle]! <= at) low = middle
    else high = middle
  }
  return y[low]! + ((y[high]! - y[low]!) * (at - x[low]!)) / (x[high]! - x[low]!)
}
