import { checkScores, type Labels, type Scores, stepsDown, type Weights } from './binary.ts'

export interface Confusion {
  truePositives: number
  falsePositives: number
  trueNegatives: number
  falseNegatives: number
}

/** Counts (or weights) of right and wrong calls; a score at or above the threshold is called positive. */
export function confusion(scores: Scores, labels: Labels, threshold: number, weights?: Weights): Confusion {
  checkScores('confusion', scores, labels)
  const counts = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 }
  for (let at = 0; at < scores.length; at++) {
    const weight = weights ? weights[at]! : 1
    const called = scores[at]! >= threshold
    if (labels[at]) counts[called ? 'truePositives' : 'falseNegatives'] += weight
    else counts[called ? 'falsePositives' : 'trueNegatives'] += weight
  }
  return counts
}

/** Measures at one threshold; null where their denominator is nought (no positive, nothing called positive, …). */
export interface ConfusionMetrics {
  accuracy: number | null
  f1: number | null
  sensitivity: number | null
  specificity: number | null
  precision: number | null
}

const ratio = (part: number, whole: number) => (whole === 0 ? null : part / whole)

export function confusionMetrics(counts: Confusion): ConfusionMetrics {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = counts
  return {
    accuracy: ratio(
      truePositives + trueNegatives,
      truePositives + falsePositives + trueNegatives + falseNegatives,
    ),
    f1: ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
    sensitivity: ratio(truePositives, truePositives + falseNegatives),
    specificity: ratio(trueNegatives, trueNegatives + falsePositives),
    precision: ratio(truePositives, truePositives + falsePositives),
  }
}

/** `youden`: sensitivity + specificity − 1 (Youden 1950); `f1`: the F1 score. */
export type ThresholdGoal = 'youden' | 'f1'

/**
 * The threshold that is best by the goal, to be chosen on validation only. It lies half-way between two scores, so
 * that a new score close to an old one is not decided by rounding; of equally good ones the nearest to 0.5 is taken.
 * null where a class is missing (Youden) or there is no positive (F1).
 */
export function chooseThreshold(
  scores: Scores,
  labels: Labels,
  goal: ThresholdGoal = 'youden',
): number | null {
  checkScores('threshold', scores, labels)
  const steps = stepsDown(scores, labels)
  const last = steps.at(-1)
  if (!last || last.truePositives === 0 || (goal === 'youden' && last.falsePositives === 0)) return null
  let best: { value: number; threshold: number } | null = null
  steps.forEach((step, at) => {
    const value =
      goal === 'youden'
        ? step.truePositives / last.truePositives - step.falsePositives / last.falsePositives
        : (2 * step.truePositives) / (step.truePositives + step.falsePositives + last.truePositives)
    const below = steps[at + 1]?.threshold ?? step.threshold
    const threshold = (step.threshold + below) / 2
    const nearer = best !== null && Math.abs(threshold - 0.5) < Math.abs(best.threshold - 0.5)
    if (best === null || value > best.value + 1e-12 || (value > best.value - 1e-12 && nearer))
      best = { value, threshold }
  })
  return (best as { threshold: number } | null)?.threshold ?? null
}
