import type { Measure } from '../records/cycle.ts'
import type { Labels, Scores } from './binary.ts'
import { type BootstrapOptions, bootstrapEach, type Statistic } from './bootstrap.ts'
import { type ConfusionMetrics, confusion, confusionMetrics } from './confusion.ts'
import { averagePrecisionOf } from './precision-recall.ts'
import { aucOf } from './roc.ts'

/** The names of a head's measures, as they stand in metrics.json. */
export const MEASURES = ['accuracy', 'f1', 'auc', 'ap', 'sensitivity', 'specificity', 'precision'] as const
export type MeasureName = (typeof MEASURES)[number]

/**
 * Every measure of one head with its bootstrap interval by group. A measure that can't be had is null with the
 * reason in words, never 0 or 1. `threshold` null: the measures that need one are n/a.
 */
export function headMeasures(
  scores: Scores,
  labels: Labels,
  groups: ArrayLike<string | number>,
  threshold: number | null,
  options: BootstrapOptions = {},
): Record<MeasureName, Measure> {
  const n = scores.length
  let positives = 0
  for (let at = 0; at < n; at++) if (labels[at]) positives++
  const at =
    (name: keyof ConfusionMetrics): Statistic =>
    weights =>
      threshold === null ? null : confusionMetrics(confusion(scores, labels, threshold, weights))[name]
  const intervals = bootstrapEach<MeasureName>(
    groups,
    {
      accuracy: at('accuracy'),
      // Without a positive, F1 is 0 by its formula and says nothing.
      f1: positives === 0 ? () => null : at('f1'),
      auc: aucOf(scores, labels),
      ap: averagePrecisionOf(scores, labels),
      sensitivity: at('sensitivity'),
      specificity: at('specificity'),
      precision: at('precision'),
    },
    options,
  )
  const why = (name: MeasureName): string => {
    if (n === 0) return 'no case'
    if (name === 'specificity' && positives === n) return 'no negative'
    if (name !== 'specificity' && positives === 0) return 'no positive'
    if (name === 'auc' && positives === n) return 'no negative'
    if (threshold === null) return 'no threshold: validation has one class only'
    return 'nothing called positive'
  }
  return Object.fromEntries(
    MEASURES.map(name => {
      const { value, low, high } = intervals[name]
      return [name, { value, low, high, n, positives, ...(value === null ? { na: why(name) } : {}) }]
    }),
  ) as Record<MeasureName, Measure>
}
