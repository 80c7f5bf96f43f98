import type { ComparedMeasure, ComparedName, ComparedSide } from '../../data/records/comparison.ts'
import type { Measure } from '../../data/records/cycle.ts'
import { HEADS, type Head } from '../../data/records/vocabulary.ts'
import { type BootstrapInterval, bootstrapEach, type Statistic } from '../../data/statistics/bootstrap.ts'
import { brierScore } from '../../data/statistics/calibration.ts'
import { averagePrecisionOf } from '../../data/statistics/precision-recall.ts'
import { aucOf } from '../../data/statistics/roc.ts'
import type { Pair } from './pairs.ts'
import { calibrationErrorOf } from './weighted-calibration.ts'

/**
 * With fewer patients and documents the percentile bootstrap's intervals are too narrow (its draws hold few different
 * sets), so that nothing is said of a difference.
 */
export const FEWEST_GROUPS = 10

/** Of these, lower is better. */
const LOWER_IS_BETTER: ReadonlySet<ComparedName> = new Set(['ece', 'brier'])
/** Calibration of lesions is of COVID cases: these are what their heads learned of. */
const OF_RANKING = ['auc', 'ap'] as const
const OF_PROBABILITY = ['ece', 'brier'] as const

/**
 * AUC, average precision, calibration error and Brier score of one head for both cycles, and their differences, over the
 * same resamples of patients and documents.
 */
export function pairedMeasures(
  side: ComparedSide,
  head: Head,
  pairs: readonly Pair[],
  options: { samples: number; seed: number },
): ComparedMeasure[] {
  const at = HEADS.indexOf(head)
  const known = pairs.filter(pair => pair.truth[at]!.value !== null)
  const within = head === 'flag' ? known : known.filter(pair => pair.truth[0]!.value === 1)
  return [
    ...differences(side, head, known, OF_RANKING, options),
    ...differences(side, head, within, OF_PROBABILITY, options),
  ]
}

function differences(
  side: ComparedSide,
  head: Head,
  pairs: readonly Pair[],
  names: readonly ComparedName[],
  options: { samples: number; seed: number },
): ComparedMeasure[] {
  const at = HEADS.indexOf(head)
  const labels = pairs.map(pair => pair.truth[at]!.value as number)
  const positives = labels.reduce((sum, label) => sum + label, 0)
  const na = whyNot(labels.length, positives)
  const measure = (interval: BootstrapInterval | null): Measure =>
    interval === null || interval.value === null
      ? { value: null, low: null, high: null, n: labels.length, positives, na: na ?? 'not measurable' }
      : { value: interval.value, low: interval.low, high: interval.high, n: labels.length, positives }
  if (na !== null)
    return names.map(name => ({
      side,
      head,
      name,
      before: measure(null),
      after: measure(null),
      difference: measure(null),
      verdict: 'na',
    }))
  const statistics: Record<string, Statistic> = {}
  for (const name of names) {
    const before = statisticOf(
      name,
      pairs.map(pair => pair.before[at]!),
      labels,
    )
    const after = statisticOf(
      name,
      pairs.map(pair => pair.after[at]!),
      labels,
    )
    statistics[`${name} before`] = before
    statistics[`${name} after`] = after
    statistics[name] = weights => {
      const [one, other] = [after(weights), before(weights)]
      return one === null || other === null ? null : one - other
    }
  }
  const found = bootstrapEach(
    pairs.map(pair => pair.group),
    statistics,
    options,
  )
  const isFew = new Set(pairs.map(pair => pair.group)).size < FEWEST_GROUPS
  return names.map(name => {
    const difference = isFew ? tooFew(measure(found[name]!)) : measure(found[name]!)
    return {
      side,
      head,
      name,
      before: measure(found[`${name} before`]!),
      after: measure(found[`${name} after`]!),
      difference,
      verdict: verdictOf(name, difference),
    }
  })
}

const tooFew = (measured: Measure): Measure => ({
  ...measured,
  low: null,
  high: null,
  na: `fewer than ${FEWEST_GROUPS} patients or documents: no interval to rely on`,
})

function statisticOf(name: ComparedName, scores: readonly number[], labels: readonly number[]): Statistic {
  if (name === 'auc') return aucOf(scores, labels)
  if (name === 'ap') return averagePrecisionOf(scores, labels)
  if (name === 'ece') return calibrationErrorOf(scores, labels)
  return weights => brierScore(scores, labels, weights)
}

function whyNot(n: number, positives: number): string | null {
  if (n === 0) return 'no case'
  if (positives === 0) return 'no positive'
  return positives === n ? 'no negative' : null
}

/** By where the interval of the difference lies; without one nothing is said. */
function verdictOf(name: ComparedName, { low, high }: Measure): ComparedMeasure['verdict'] {
  if (low === null || high === null) return 'na'
  const [worse, better] = LOWER_IS_BETTER.has(name) ? [low > 0, high < 0] : [high < 0, low > 0]
  return worse ? 'worse' : better ? 'better' : 'same'
}
