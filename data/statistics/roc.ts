import { checkScores, type Labels, orderByScore, type Scores, stepsDown, type Weights } from './binary.ts'

export interface RocPoint {
  /** Share of negatives called positive at or above `threshold`. */
  falsePositiveRate: number
  /** Share of positives called positive (sensitivity). */
  truePositiveRate: number
  /** Infinity at the first point, where nothing is called positive. */
  threshold: number
}

/**
 * The ROC curve from (0, 0) to (1, 1), a point for each distinct score; points inside a straight run are left out.
 * null where one of the classes is missing.
 */
export function rocCurve(scores: Scores, labels: Labels, weights?: Weights): RocPoint[] | null {
  checkScores('roc curve', scores, labels)
  const steps = stepsDown(scores, labels, weights)
  const last = steps.at(-1)
  if (!last || last.truePositives === 0 || last.falsePositives === 0) return null
  const points = [{ threshold: Number.POSITIVE_INFINITY, truePositives: 0, falsePositives: 0 }, ...steps]
  return points
    .filter((point, at) => {
      const before = points[at - 1]
      const after = points[at + 1]
      if (!before || !after) return true
      return (
        (point.falsePositives - before.falsePositives) * (after.truePositives - point.truePositives) !==
        (after.falsePositives - point.falsePositives) * (point.truePositives - before.truePositives)
      )
    })
    .map(point => ({
      falsePositiveRate: point.falsePositives / last.falsePositives,
      truePositiveRate: point.truePositives / last.truePositives,
      threshold: point.threshold,
    }))
}

/**
 * Area under the ROC curve: the chance that a positive scores above a negative, ties counting half (Mann and
 * Whitney). null where one of the classes is missing.
 */
export function auc(scores: Scores, labels: Labels, weights?: Weights): number | null {
  return aucOf(scores, labels)(weights)
}

/** `auc` with the sorting done once, for bootstraps: a function of the weights. */
export function aucOf(scores: Scores, labels: Labels): (weights?: Weights) => number | null {
  checkScores('auc', scores, labels)
  const order = orderByScore(scores)
  // Items of equal score form a run; ends[r] is the position after run r.
  const ends: number[] = []
  for (let at = 1; at <= order.length; at++)
    if (at === order.length || scores[order[at]!] !== scores[order[at - 1]!]) ends.push(at)
  const positive = Uint8Array.from(order, item => (labels[item] ? 1 : 0))
  return weights => {
    let above = 0
    let negatives = 0
    let area = 0
    let at = 0
    for (const end of ends) {
      let runPositives = 0
      let runNegatives = 0
      for (; at < end; at++) {
        const weight = weights ? weights[order[at]!]! : 1
        if (positive[at]) runPositives += weight
        else runNegatives += weight
      }
      area += runNegatives * (above + runPositives / 2)
      above += runPositives
      negatives += runNegatives
    }
    return above === 0 || negatives === 0 ? null : area / (above * negatives)
  }
}
