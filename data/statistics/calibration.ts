import { checkScores, type Labels, type Scores, type Weights } from './binary.ts'

export interface ReliabilityBin {
  /** Mean predicted probability and observed share of positives in the bin. */
  predicted: number
  observed: number
  count: number
  positives: number
}

export interface BinOptions {
  bins?: number
  /** `mass`: as many cases in each bin; `width`: bins of equal width over 0…1. */
  by?: 'mass' | 'width'
}

/** The bins of a reliability diagram, by rising probability; empty bins are left out. */
export function reliabilityBins(
  probabilities: Scores,
  labels: Labels,
  options: BinOptions = {},
): ReliabilityBin[] {
  checkScores('calibration', probabilities, labels)
  const { bins = 10, by = 'mass' } = options
  const n = probabilities.length
  const order = Array.from({ length: n }, (_, at) => at).sort(
    (one, other) => probabilities[one]! - probabilities[other]! || one - other,
  )
  const found = Array.from({ length: bins }, () => ({ sum: 0, count: 0, positives: 0 }))
  order.forEach((item, rank) => {
    const place = by === 'mass' ? Math.floor((rank * bins) / n) : Math.floor(probabilities[item]! * bins)
    const bin = found[Math.min(bins - 1, Math.max(0, place))]!
    bin.sum += probabilities[item]!
    bin.count++
    if (labels[item]) bin.positives++
  })
  return found
    .filter(bin => bin.count > 0)
    .map(bin => ({
      predicted: bin.sum / bin.count,
      observed: bin.positives / bin.count,
      count: bin.count,
      positives: bin.positives,
    }))
}

/**
 * Expected calibration error: mean gap between predicted and observed over the bins, weighted by their cases
 * (Naeini, Cooper and Hauskrecht 2015). null without cases.
 */
export function expectedCalibrationError(probabilities: Scores, labels: Labels, options: BinOptions = {}) {
  if (probabilities.length === 0) return null
  let sum = 0
  for (const bin of reliabilityBins(probabilities, labels, options))
    sum += (bin.count / probabilities.length) * Math.abs(bin.predicted - bin.observed)
  return sum
}

/** Mean squared gap between probability and outcome (Brier 1950). null without cases. */
export function brierScore(probabilities: Scores, labels: Labels, weights?: Weights): number | null {
  checkScores('brier score', probabilities, labels)
  let sum = 0
  let total = 0
  for (let at = 0; at < probabilities.length; at++) {
    const weight = weights ? weights[at]! : 1
    sum += weight * (probabilities[at]! - (labels[at] ? 1 : 0)) ** 2
    total += weight
  }
  return total === 0 ? null : sum / total
}
