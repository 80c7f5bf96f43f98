import { type Labels, orderByScore, type Scores } from './binary.ts'
import { type BootstrapOptions, bootstrapEach, type Statistic } from './bootstrap.ts'

/** Interval of a curve's height at x. */
export interface BandPoint {
  x: number
  low: number
  high: number
}

/** Bootstrap band of the ROC curve: the true positive rate at evenly spaced false positive rates, by group. */
export function rocBand(
  scores: Scores,
  labels: Labels,
  groups: ArrayLike<string | number>,
  options: BootstrapOptions & { points?: number } = {},
): BandPoint[] {
  return band(scores, labels, groups, options, rocHeights)
}

/** Bootstrap band of the precision-recall curve: the precision at evenly spaced recalls, by group. */
export function precisionRecallBand(
  scores: Scores,
  labels: Labels,
  groups: ArrayLike<string | number>,
  options: BootstrapOptions & { points?: number } = {},
): BandPoint[] {
  return band(scores, labels, groups, options, precisionHeights)
}

type Heights = (
  weights: Float64Array,
  order: Int32Array,
  scores: Scores,
  labels: Labels,
  grid: number[],
) => number[] | null

function band(
  scores: Scores,
  labels: Labels,
  groups: ArrayLike<string | number>,
  options: BootstrapOptions & { points?: number },
  heights: Heights,
): BandPoint[] {
  const { points = 41, ...rest } = options
  const grid = Array.from({ length: points }, (_, at) => at / (points - 1))
  const order = orderByScore(scores)
  // One pass over a resample gives all heights; the statistics of the grid read them out one by one.
  let current: number[] | null = null
  const statistics: Record<string, Statistic> = {}
  grid.forEach((_, at) => {
    statistics[String(at)] = weights => {
      if (at === 0) current = heights(weights, order, scores, labels, grid)
      return current === null ? null : current[at]!
    }
  })
  const intervals = bootstrapEach(groups, statistics, rest)
  return grid.flatMap((x, at) => {
    const { low, high } = intervals[String(at)]!
    return low === null || high === null ? [] : [{ x, low, high }]
  })
}

/** Cumulative weights of positives and negatives at each distinct score, from the highest down. */
function* runsDown(weights: Float64Array, order: Int32Array, scores: Scores, labels: Labels) {
  let positives = 0
  let negatives = 0
  for (let at = 0; at < order.length; at++) {
    const item = order[at]!
    if (labels[item]) positives += weights[item]!
    else negatives += weights[item]!
    const next = order[at + 1]
    if (next === undefined || scores[next] !== scores[item]) yield [positives, negatives] as const
  }
}

function rocHeights(...[weights, order, scores, labels, grid]: Parameters<Heights>): number[] | null {
  const steps = [[0, 0] as const, ...runsDown(weights, order, scores, labels)]
  const [positives, negatives] = steps.at(-1)!
  if (positives === 0 || negatives === 0) return null
  let at = 0
  return grid.map(x => {
    const wanted = x * negatives
    while (at < steps.length - 1 && steps[at + 1]![1] <= wanted) at++
    const [height, from] = steps[at]!
    const next = steps[at + 1]
    if (!next || next[1] === from) return height / positives
    return (height + ((next[0] - height) * (wanted - from)) / (next[1] - from)) / positives
  })
}

function precisionHeights(...[weights, order, scores, labels, grid]: Parameters<Heights>): number[] | null {
  const steps = [...runsDown(weights, order, scores, labels)].filter(([tp, fp]) => tp + fp > 0)
  const positives = steps.at(-1)?.[0] ?? 0
  if (positives === 0) return null
  let at = 0
  return grid.map(recall => {
    // The first step that finds this share of the positives, and at least one.
    while (at < steps.length - 1 && (steps[at]![0] < recall * positives - 1e-9 || steps[at]![0] === 0)) at++
    const [found, wrong] = steps[at]!
    return found / (found + wrong)
  })
}
