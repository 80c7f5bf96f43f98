import type { CalibrationMeasure } from '../../data/records/cycle.ts'
import { HEADS, type Head } from '../../data/records/vocabulary.ts'
import { expectedCalibrationError, reliabilityBins } from '../../data/statistics/calibration.ts'
import { calibrate, fitTemperature } from '../../data/statistics/calibrators.ts'
import { inCovid, type Judged, judged, known, onSide } from './judged.ts'
import type { Scored } from './predict.ts'

/** With fewer of a class than this, a temperature says more of chance than of the model. */
const FEWEST = 5

/**
 * Whether probabilities mean what they say, out of fold and on test: the expected calibration error before
 * calibration, after the calibration in use, and after temperature scaling. No temperature is measured where it was
 * fitted: that of test comes from validation (the same network), that of a fold from the other folds.
 */
export function calibrationMeasures(scored: readonly Scored[]): CalibrationMeasure[] {
  return (['oof', 'test'] as const).flatMap(side =>
    HEADS.flatMap((head): CalibrationMeasure[] => {
      // Lesions are learned within COVID, so that is what their probabilities are of.
      const of = (list: readonly Scored[]) => (head === 'flag' ? list : inCovid(list))
      const here = of(onSide(scored, side))
      const { scores, labels, raw } = judged(here, head)
      if (new Set(labels).size < 2) return []
      const scaled =
        side === 'test' ? scaledBy(of(onSide(scored, 'val')), here, head) : scaledAcrossFolds(here, head)
      return [
        {
          side,
          head,
          before: rounded(expectedCalibrationError(raw, labels)),
          after: rounded(expectedCalibrationError(scores, labels)),
          temperature: scaled && {
            temperature: rounded(scaled.temperature)!,
            after: rounded(expectedCalibrationError(scaled.probabilities, labels))!,
          },
          bins: reliabilityBins(scores, labels),
          binsBefore: reliabilityBins(raw, labels),
        },
      ]
    }),
  )
}

const rounded = (value: number | null) => (value === null ? null : Math.round(value * 1e6) / 1e6)

const enough = ({ labels }: Judged) => {
  const positives = labels.reduce((sum, label) => sum + label, 0)
  return positives >= FEWEST && labels.length - positives >= FEWEST
}

interface Scaled {
  temperature: number
  probabilities: number[]
}

/** Probabilities of some cases by the temperature of others. */
function scaledBy(others: readonly Scored[], here: readonly Scored[], head: Head): Scaled | null {
  const from = judged(others, head)
  if (!enough(from)) return null
  const fitted = fitTemperature(from.raw, from.labels)
  if (fitted?.kind !== 'temperature') return null
  return {
    temperature: fitted.temperature,
    probabilities: judged(here, head).raw.map(probability => calibrate(fitted, probability)),
  }
}

/** Each fold by the temperature of the others; the temperature told is that of the fold in the middle. */
function scaledAcrossFolds(here: readonly Scored[], head: Head): Scaled | null {
  const folds = [...new Set(here.map(one => one.fold))]
  const byCase = new Map<string, number>()
  const temperatures: number[] = []
  for (const fold of folds) {
    const [inside, outside] = [true, false].map(is => here.filter(one => (one.fold === fold) === is))
    const scaled = scaledBy(outside!, inside!, head)
    if (!scaled) return null
    temperatures.push(scaled.temperature)
    known(inside!, head).forEach((one, at) => {
      byCase.set(one.case.state.id, scaled.probabilities[at]!)
    })
  }
  return {
    temperature: temperatures.toSorted((one, other) => one - other)[Math.floor(temperatures.length / 2)]!,
    probabilities: known(here, head).map(one => byCase.get(one.case.state.id)!),
  }
}
