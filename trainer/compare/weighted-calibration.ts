import type { Labels, Scores, Weights } from '../../data/statistics/binary.ts'

/**
 * Expected calibration error as a function of weights, for bootstraps: the bins are those of the cases themselves (ten
 * of equal mass), so that resamples of two models are told apart by their cases alone and not by where bins happen to fall.
 */
export function calibrationErrorOf(
  probabilities: Scores,
  labels: Labels,
  bins = 10,
): (weights?: Weights) => number | null {
  const n = probabilities.length
  const order = Array.from({ length: n }, (_, at) => at).sort(
    (one, other) => probabilities[one]! - probabilities[other]! || one - other,
  )
  const binOf = new Uint8Array(n)
  order.forEach((item, rank) => {
    binOf[item] = Math.floor((rank * bins) / n)
  })
  return weights => {
    const gaps = new Float64Array(bins)
    let total = 0
    for (let at = 0; at < n; at++) {
      const weight = weights ? weights[at]! : 1
      gaps[binOf[at]!]! += weight * (probabilities[at]! - (labels[at] ? 1 : 0))
      total += weight
    }
    if (total === 0) return null
    return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / total
  }
}
