import { describe, expect, test } from 'vitest'
import {
  brierScore,
  expectedCalibrationError,
  reliabilityBins,
} from '../../../data/statistics/calibration.ts'
import { calibrate, fitIsotonic, fitPlatt, fitTemperature } from '../../../data/statistics/calibrators.ts'
import { chooseThreshold, confusion, confusionMetrics } from '../../../data/statistics/confusion.ts'
import { averagePrecision, precisionRecallCurve } from '../../../data/statistics/precision-recall.ts'
import { auc, rocCurve } from '../../../data/statistics/roc.ts'
import { NINE, reference } from './reference.ts'

const close = (got: number | null | undefined, wanted: number) => expect(got).toBeCloseTo(wanted, NINE)

describe.each(reference.twoClass.map((row, at) => ({ at, n: row.labels.length, row })))(
  'vector $at of $n scores agrees with scikit-learn',
  ({ row }) => {
    const { labels, scores, weights } = row

    test('in the AUC, with and without weights', () => {
      close(auc(scores, labels), row.auc)
      close(auc(scores, labels, weights), row.aucWeighted)
    })
    test('in the average precision, with and without weights', () => {
      close(averagePrecision(scores, labels), row.ap)
      close(averagePrecision(scores, labels, weights), row.apWeighted)
    })
    test('in every point of the ROC curve, points on a straight run left out', () => {
      const [fpr, tpr, thresholds] = row.roc
      const curve = rocCurve(scores, labels)!
      for (const point of curve.slice(1)) {
        const at = thresholds.indexOf(point.threshold)
        close(point.falsePositiveRate, fpr[at]!)
        close(point.truePositiveRate, tpr[at]!)
      }
      expect(curve[0]).toEqual({ falsePositiveRate: 0, truePositiveRate: 0, threshold: Infinity })
      expect(curve.length).toBeLessThanOrEqual(fpr.length)
      fpr.forEach((x, at) => {
        const after = curve.findIndex((point, index) => {
          return (
            index > 0 && point.falsePositiveRate >= x - 1e-12 && point.truePositiveRate >= tpr[at]! - 1e-12
          )
        })
        const [from, to] = [curve[after - 1]!, curve[after]!]
        const across = (to.falsePositiveRate - from.falsePositiveRate) * (tpr[at]! - from.truePositiveRate)
        close(across, (x - from.falsePositiveRate) * (to.truePositiveRate - from.truePositiveRate))
      })
    })
    test('in every point of the precision-recall curve', () => {
      const curve = precisionRecallCurve(scores, labels)!
      expect(curve).toHaveLength(row.pr[0].length)
      curve.forEach((point, at) => {
        close(point.precision, row.pr[0][at]!)
        close(point.recall, row.pr[1][at]!)
      })
    })
    test('in accuracy, F1, sensitivity, specificity and precision at 0.5', () => {
      const measures = confusionMetrics(confusion(scores, labels, 0.5))
      for (const name of ['accuracy', 'f1', 'sensitivity', 'specificity', 'precision'] as const)
        close(measures[name] ?? 0, row[name])
      const weighted = confusionMetrics(confusion(scores, labels, 0.5, weights))
      close(weighted.accuracy, row.accuracyWeighted)
      close(weighted.f1, row.f1Weighted)
    })
    test('in the best Youden index and the best F1 that a threshold reaches', () => {
      const youden = confusionMetrics(confusion(scores, labels, chooseThreshold(scores, labels, 'youden')!))
      close(youden.sensitivity! + youden.specificity! - 1, row.youden)
      const f1 = confusionMetrics(confusion(scores, labels, chooseThreshold(scores, labels, 'f1')!))
      close(f1.f1, row.bestF1)
    })
    test('in the Brier score and both expected calibration errors', () => {
      close(brierScore(scores, labels), row.brier)
      close(expectedCalibrationError(scores, labels), row.eceMass)
      close(expectedCalibrationError(scores, labels, { by: 'width' }), row.eceWidth)
    })
    test('in the temperature', () => {
      const fitted = fitTemperature(scores, labels)
      if (fitted?.kind !== 'temperature') throw new Error('no temperature')
      if (row.temperature !== null) close(fitted.temperature, row.temperature)
      else expect([0.05, 20].some(end => Math.abs(fitted.temperature / end - 1) < 1e-9)).toBe(true)
    })
    test('in Platt’s slope and intercept', () => {
      const fitted = fitPlatt(scores, labels)
      if (fitted?.kind !== 'platt') throw new Error('no slope')
      close(fitted.slope, row.platt[0])
      close(fitted.intercept, row.platt[1])
    })
    test('in the isotonic curve, between and beyond its points', () => {
      const fitted = fitIsotonic(scores, labels)!
      row.isotonic[0].forEach((at, index) => {
        close(calibrate(fitted, at), row.isotonic[1][index]!)
      })
    })
  },
)

describe('where a measure can not be had', () => {
  test('the AUC and the ROC curve of one class are null', () => {
    for (const labels of [
      [0, 0, 0],
      [1, 1, 1],
    ]) {
      expect(auc([0.1, 0.2, 0.3], labels)).toBeNull()
      expect(rocCurve([0.1, 0.2, 0.3], labels)).toBeNull()
    }
    expect(auc([], [])).toBeNull()
  })
  test('the AUC is null where weights leave one class only', () => {
    expect(auc([0.1, 0.9], [0, 1], [1, 0])).toBeNull()
  })
  test('average precision without a positive is null, of positives only it is 1', () => {
    expect(averagePrecision([0.1, 0.2], [0, 0])).toBeNull()
    expect(precisionRecallCurve([0.1, 0.2], [0, 0])).toBeNull()
    expect(averagePrecision([0.1, 0.2], [1, 1])).toBe(1)
  })
  test('sensitivity without a positive, specificity without a negative, precision without a call are null', () => {
    expect(confusionMetrics(confusion([0.9], [0], 0.5)).sensitivity).toBeNull()
    expect(confusionMetrics(confusion([0.9], [1], 0.5)).specificity).toBeNull()
    expect(confusionMetrics(confusion([0.1], [1], 0.5)).precision).toBeNull()
    expect(confusionMetrics(confusion([], [], 0.5)).accuracy).toBeNull()
  })
  test('no threshold is chosen and no calibrator fitted on one class', () => {
    expect(chooseThreshold([0.2, 0.3], [1, 1], 'youden')).toBeNull()
    expect(chooseThreshold([0.2, 0.3], [0, 0], 'f1')).toBeNull()
    expect(fitTemperature([0.2, 0.3], [1, 1])).toBeNull()
    expect(fitPlatt([0.2, 0.3], [0, 0])).toBeNull()
    expect(fitIsotonic([], [])).toBeNull()
    expect(expectedCalibrationError([], [])).toBeNull()
  })
  test('a score that is no number is an error that names it, not a metric', () => {
    expect(() => auc([0.1, Number.NaN], [0, 1])).toThrow('score 1: NaN')
    expect(() => averagePrecision([0.1], [0, 1])).toThrow('1 scores, 2 labels')
  })
})

describe('ties and ends', () => {
  test('equal scores of a positive and a negative count half', () => {
    expect(auc([0.5, 0.5], [0, 1])).toBe(0.5)
    expect(auc([0.5, 0.5, 0.9], [0, 1, 1])).toBe(0.75)
  })
  test('the AUC does not change with the order of the rows', () => {
    const row = reference.twoClass[1]!
    const back = (values: number[]) => [...values].reverse()
    expect(auc(back(row.scores), back(row.labels))).toBeCloseTo(row.auc, 12)
  })
  test('a chosen threshold lies half-way between two scores', () => {
    expect(chooseThreshold([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])).toBe(0.5)
  })
  test('a temperature of an overconfident model is above 1 and keeps the order of the cases', () => {
    const scores = [0.001, 0.999, 0.002, 0.99, 0.998, 0.001]
    const fitted = fitTemperature(scores, [0, 1, 1, 0, 1, 0])!
    if (fitted.kind !== 'temperature') throw new Error('no temperature')
    expect(fitted.temperature).toBeGreaterThan(1)
    const after = scores.map(score => calibrate(fitted, score))
    for (let at = 0; at < scores.length; at++)
      for (let other = 0; other < scores.length; other++)
        if (scores[at]! < scores[other]!) expect(after[at]!).toBeLessThan(after[other]!)
  })
  test('calibrated probabilities stay within 0…1 for sure scores too', () => {
    const fitted = fitPlatt([0, 0, 1, 1, 0.5], [0, 1, 1, 1, 0])!
    for (const score of [0, 1e-300, 0.5, 1]) {
      const after = calibrate(fitted, score)
      expect(after).toBeGreaterThanOrEqual(0)
      expect(after).toBeLessThanOrEqual(1)
    }
  })
  test('bins of equal mass hold all cases, as many each', () => {
    const bins = reliabilityBins(reference.twoClass[2]!.scores, reference.twoClass[2]!.labels)
    expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(203)
    for (const bin of bins) expect([20, 21]).toContain(bin.count)
  })
})
