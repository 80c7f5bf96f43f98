import { HEADS } from '../../data/records/vocabulary.ts'
import { chooseThreshold } from '../../data/statistics/confusion.ts'
import { sigmoid } from '../../data/statistics/logit.ts'
import { HEAD_COUNT } from '../model/la-dnn.ts'
import { type HeadSetting, modelProbabilities, type TrainedModel } from '../model/trained-model.ts'
import { calibrateHead } from './calibrate-heads.ts'
import { type Example, joined } from './example.ts'
import type { HeadTruth } from './targets.ts'

/** Calibration of each head on its out-of-fold logits [n·6]; no operating points yet. */
export const headSettings = (
  constants: readonly (number | null)[],
  logits: Float32Array,
  lessons: readonly HeadTruth[][],
  warnings: string[],
) => constants.map((constant, at) => headSetting(constant, at, logits, lessons, warnings))

function headSetting(
  constant: number | null,
  at: number,
  logits: Float32Array,
  lessons: readonly HeadTruth[][],
  warnings: string[],
): HeadSetting {
  if (constant !== null) return { constant, calibrator: null, threshold: null }
  const probabilities: number[] = []
  const labels: number[] = []
  lessons.forEach((row, example) => {
    const { value } = row[at]!
    if (value === null) return
    probabilities.push(sigmoid(logits[example * HEAD_COUNT + at]!))
    labels.push(value)
  })
  const { calibrator, blind } = calibrateHead(probabilities, labels)
  if (blind)
    warnings.push(`${HEADS[at]}: no better than chance out of fold: its probabilities are near the base rate`)
  return { constant: null, calibrator, threshold: null }
}

/**
 * Sets the operating point of each head (Youden): on validation, else out of fold where validation has one class only.
 * @param outOfFold calibrated probabilities of the rows of `lessons`, [n·6].
 */
export function chooseThresholds(
  model: TrainedModel,
  validation: readonly Example[],
  outOfFold: Float64Array,
  lessons: readonly HeadTruth[][],
): void {
  const onValidation = modelProbabilities(model, joined(validation, model.features))
  const choose = (rows: readonly HeadTruth[][], probabilities: Float64Array, at: number) => {
    const known = rows.flatMap((row, example) => (row[at]!.value === null ? [] : [example]))
    return chooseThreshold(
      known.map(example => probabilities[example * HEAD_COUNT + at]!),
      known.map(example => rows[example]![at]!.value as number),
    )
  }
  model.heads.forEach((setting, at) => {
    if (setting.constant !== null) return
    setting.threshold =
      choose(
        validation.map(example => example.lesson),
        onValidation,
        at,
      ) ?? choose(lessons, outOfFold, at)
  })
}
