/** What every measure of a two-class score takes; scores and labels stand in the same order. */
export type Scores = ArrayLike<number>
/** true or 1: positive. */
export type Labels = ArrayLike<boolean | number>
/** How much (or how often) each item counts; absent: once each. Zero leaves an item out. */
export type Weights = ArrayLike<number>

/** @throws RangeError where lengths differ or a score is no finite number: a NaN must never become a metric. */
export function checkScores(what: string, scores: Scores, labels: Labels): void {
  if (scores.length !== labels.length)
    throw new RangeError(
      `${what}: ${scores.length} scores, ${labels.length} labels: expected as many of each`,
    )
  for (let at = 0; at < scores.length; at++)
    if (!Number.isFinite(scores[at]))
      throw new RangeError(`${what}: score ${at}: ${scores[at]}: expected a finite number`)
}

/** Indices from the highest score down; equal scores keep their order. */
export function orderByScore(scores: Scores): Int32Array {
  return Int32Array.from({ length: scores.length }, (_, at) => at).sort(
    (one, other) => scores[other]! - scores[one]! || one - other,
  )
}

/** One step down the scores: what has been called positive at or above `threshold`. */
export interface Step {
  threshold: number
  truePositives: number
  falsePositives: number
}

/** The counts at every distinct score, from the highest down; the last step calls everything positive. */
export function stepsDown(scores: Scores, labels: Labels, weights?: Weights): Step[] {
  const order = orderByScore(scores)
  const steps: Step[] = []
  let truePositives = 0
  let falsePositives = 0
  for (let at = 0; at < order.length; at++) {
    const item = order[at]!
    const weight = weights ? weights[item]! : 1
    if (labels[item]) truePositives += weight
    else falsePositives += weight
    const next = order[at + 1]
    if (next === undefined || scores[next] !== scores[item])
      steps.push({ threshold: scores[item]!, truePositives, falsePositives })
  }
  return steps
}
