import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { brierScore } from '../../../data/statistics/calibration.ts'
import { confusion, confusionMetrics } from '../../../data/statistics/confusion.ts'
import { headMeasures } from '../../../data/statistics/measures.ts'
import { averagePrecision } from '../../../data/statistics/precision-recall.ts'
import { auc, rocCurve } from '../../../data/statistics/roc.ts'

const MEASURES = ['accuracy', 'sensitivity', 'specificity', 'precision', 'f1'] as const
type Vector = {
  name: string
  labels: number[]
  scores: number[]
  weights: number[]
  threshold: number
  auc: number | null
  ap: number | null
  brier: number
  roc?: [number[], number[]]
} & Record<(typeof MEASURES)[number], number | null>

const { vectors } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'statistics', 'two-class.json'), 'utf8'),
) as { vectors: Vector[] }

/** Equal to 1e-9, or both not to be had. */
function agrees(found: number | null, expected: number | null) {
  if (expected === null || found === null) expect(found).toBe(expected)
  else expect(Math.abs(found - expected)).toBeLessThan(1e-9)
}

describe.each(vectors)('$name: with weights, agrees with scikit-learn', one => {
  const { labels, scores, weights, threshold } = one
  test('in the AUC and the average precision', () => {
    agrees(auc(scores, labels, weights), one.auc)
    agrees(averagePrecision(scores, labels, weights), one.ap)
  })
  test('in what is counted at a threshold', () => {
    const found = confusionMetrics(confusion(scores, labels, threshold, weights))
    for (const name of MEASURES) agrees(found[name], one[name])
  })
  test('in the Brier score', () => {
    agrees(brierScore(scores, labels, weights), one.brier)
  })
  test('in the height of the ROC curve at each of its points', () => {
    const curve = rocCurve(scores, labels, weights)
    if (!one.roc) return expect(curve).toBeNull()
    const [rates, heights] = one.roc
    for (const { falsePositiveRate, truePositiveRate } of curve!) {
      const same = rates.some(
        (rate, at) =>
          Math.abs(rate - falsePositiveRate) < 1e-9 && Math.abs(heights[at]! - truePositiveRate) < 1e-9,
      )
      expect(same).toBe(true)
    }
  })
  test('as whole weights say the same as rows repeated', () => {
    const times = weights.map(weight => Math.round(weight))
    const repeated = <T>(all: T[]) => all.flatMap((value, at) => new Array<T>(times[at]!).fill(value))
    agrees(auc(scores, labels, times), auc(repeated(scores), repeated(labels)))
    agrees(averagePrecision(scores, labels, times), averagePrecision(repeated(scores), repeated(labels)))
  })
})

describe('the measures of a head', () => {
  test('are those of its functions, and null with a reason exactly where scikit-learn has no value', () => {
    for (const { labels, scores, threshold } of vectors) {
      const measures = headMeasures(
        scores,
        labels,
        scores.map((_, at) => at),
        threshold,
        { samples: 20 },
      )
      const plain = confusionMetrics(confusion(scores, labels, threshold))
      agrees(measures.auc.value, auc(scores, labels))
      agrees(measures.ap.value, averagePrecision(scores, labels))
      agrees(measures.sensitivity.value, plain.sensitivity)
      agrees(measures.specificity.value, plain.specificity)
      for (const measure of Object.values(measures))
        if (measure.value === null) expect(measure.na).toMatch(/^(no|nothing) /)
        else expect(measure.na).toBeUndefined()
    }
  })
})
