import { checkScores, type Labels, orderByScore, type Scores, stepsDown, type Weights } from './binary.ts'

export interface PrecisionRecallPoint {
  recall: number
  precision: number
  /** Infinity at the first point, where nothing is called positive. */
  threshold: number
}

/**
 * The precision-recall curve by rising recall, from (0, 1), a point for each distinct score down to the first that
 * finds everything. null where there is no positive.
 */
export function precisionRecallCurve(
  scores: Scores,
  labels: Labels,
  weights?: Weights,
): PrecisionRecallPoint[] | null {
  checkScores('precision-recall curve', scores, labels)
  const steps = stepsDown(scores, labels, weights).filter(
    step => step.truePositives + step.falsePositives > 0,
  )
  const positives = steps.at(-1)?.truePositives ?? 0
  if (positives === 0) return null
  return [
    { recall: 0, precision: 1, threshold: Number.POSITIVE_INFINITY },
    ...steps.map(step => ({
      recall: step.truePositives / positives,
      precision: step.truePositives / (step.truePositives + step.falsePositives),
      threshold: step.threshold,
    })),
  ]
}

/**
 * Average precision: the precisions at each distinct score, weighted by the recall gained there (no interpolation,
 * as scikit-learn has it). null where there is no positive.
 */
export function averagePrecision(scores: Scores, labels: Labels, weights?: Weights): number | null {
  return averagePrecisionOf(scores, labels)(weights)
}

/** `averagePrecision` with the sorting done once, for bootstraps: a function of the weights. */
export function averagePrecisionOf(scores: Scores, labels: Labels): (weights?: Weights) => number | null {
  checkScores('average precision', scores, labels)
  const order = orderByScore(scores)
  return weights => {
    let found = 0
    let called = 0
    let gained = 0
    let sum = 0
    for (let at = 0; at < order.length; at++) {
      const item = order[at]!
      const weight = weights ? weights[item]! : 1
      called += weight
      if (labels[item]) gained += weight
      const next = order[at + 1]
      if (next !== undefined && scores[next] === scores[item]) continue
      if (gained > 0) sum += (gained * (found + gained)) / called
      found += gained
      gained = 0
    }
    return found === 0 ? null : sum / found
  }
}
