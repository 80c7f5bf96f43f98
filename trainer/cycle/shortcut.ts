import type { Measure, ShortcutMeasures } from '../../data/records/cycle.ts'
import { bootstrapEach } from '../../data/statistics/bootstrap.ts'
import { logisticProbabilities, logisticRegression } from '../../data/statistics/logistic-regression.ts'
import { headMeasures } from '../../data/statistics/measures.ts'
import { aucOf } from '../../data/statistics/roc.ts'
import { shortcutControl } from '../../data/statistics/shortcut.ts'
import type { Scored } from './predict.ts'
import { formatOf } from './shortcut-rows.ts'

/**
 * The flag told from the shortcut alone, by the model, and by both together, on the same cases: what the model adds is
 * the paired gain of both over the shortcut. null where a side has one class only.
 */
export function measureShortcut(
  scored: readonly Scored[],
  rows: ReadonlyMap<string, Float32Array>,
  bootstrap: { samples: number; seed: number },
): ShortcutMeasures | null {
  const known = scored.filter(one => one.case.truth[0]!.value !== null && rows.has(one.case.state.image))
  const train = known.filter(one => one.fold !== null)
  const test = known.filter(one => one.case.side === 'test')
  const label = (one: Scored) => one.case.truth[0]!.value as number
  const both = (list: readonly Scored[]) => new Set(list.map(label)).size === 2
  if (!both(train) || !both(test)) return null
  const alone = (one: Scored) => Array.from(rows.get(one.case.state.image)!)
  const withModel = (one: Scored) => [...alone(one), one.logits[0]!]
  const labels = train.map(label)
  const shortcut = shortcutControl(train.map(alone), labels, test.map(alone))
  // The model's column of the training cases is out of fold, so that it is worth there what it is worth on test.
  const fitted = logisticRegression(train.map(withModel), labels, { classWeights: 'balanced' })
  const together = logisticProbabilities(fitted, test.map(withModel))
  const truth = test.map(label)
  const of = {
    shortcut: aucOf(shortcut, truth),
    model: aucOf(
      test.map(one => one.probabilities[0]!),
      truth,
    ),
    together: aucOf(together, truth),
  }
  const intervals = bootstrapEach(
    test.map(one => one.case.group),
    {
      ...of,
      gain: (weights: Float64Array) => {
        const [one, other] = [of.together(weights), of.shortcut(weights)]
        return one === null || other === null ? null : one - other
      },
    },
    bootstrap,
  )
  const positives = truth.reduce((sum, value) => sum + value, 0)
  const measure = ({
    value,
    low,
    high,
  }: {
    value: number | null
    low: number | null
    high: number | null
  }): Measure => ({
    value,
    low,
    high,
    n: truth.length,
    positives,
    ...(value === null ? { na: 'one class only' } : {}),
  })
  const within = [...new Set(test.map(one => formatOf(one.case.state.imageFile)))].sort().map(format => {
    const at = test.flatMap((one, place) => (formatOf(one.case.state.imageFile) === format ? [place] : []))
    const part = <T>(all: ArrayLike<T>) => at.map(place => all[place]!)
    const aucBy = (scores: ArrayLike<number>) =>
      headMeasures(
        part(scores),
        part(truth),
        at.map(place => test[place]!.case.group),
        null,
        bootstrap,
      ).auc
    return { format, shortcut: aucBy(shortcut), model: aucBy(test.map(one => one.probabilities[0]!)) }
  })
  return {
    side: 'test',
    within,
    shortcut: measure(intervals.shortcut),
    model: measure(intervals.model),
    together: measure(intervals.together),
    gain: measure(intervals.gain),
  }
}
