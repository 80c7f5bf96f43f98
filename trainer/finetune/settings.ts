import { HEADS } from '../../data/records/vocabulary.ts'
import { chooseThreshold } from '../../data/statistics/confusion.ts'
import { sigmoid } from '../../data/statistics/logit.ts'
import { calibrateHead } from '../fit/calibrate-heads.ts'
import type { HeadTruth } from '../fit/targets.ts'
import { HEAD_COUNT } from '../model/la-dnn.ts'
import { calibrated, type HeadSetting } from '../model/trained-model.ts'

/**
 * Calibration and operating point (Youden) of each head on validation; a head with too few of a class there has none.
 * @param constants base rates of heads that were not learned. @param logits of validation, [n·6]; NaN: left out.
 */
export function settingsOnValidation(
  constants: readonly (number | null)[],
  logits: Float32Array,
  lessons: readonly HeadTruth[][],
  warnings: string[],
): HeadSetting[] {
  const known = (head: number) =>
    lessons.flatMap((row, at) =>
      row[head]!.value === null || Number.isNaN(logits[at * HEAD_COUNT]!) ? [] : [at],
    )
  const labels = (rows: readonly number[], head: number) =>
    rows.map(at => lessons[at]![head]!.value as number)
  const settings = HEADS.map((name, head): HeadSetting => {
    const constant = constants[head] ?? null
    if (constant !== null) return { constant, calibrator: null, threshold: null }
    const rows = known(head)
    const probabilities = rows.map(at => sigmoid(logits[at * HEAD_COUNT + head]!))
    const { calibrator, blind } = calibrateHead(probabilities, labels(rows, head))
    if (blind)
      warnings.push(`${name}: no better than chance on validation: its probabilities are near the base rate`)
    return { constant: null, calibrator, threshold: null }
  })
  const probabilities = calibrated(logits, settings)
  return settings.map((setting, head) => {
    if (setting.constant !== null) return setting
    const rows = known(head)
    const scores = rows.map(at => probabilities[at * HEAD_COUNT + head]!)
    return { ...setting, threshold: chooseThreshold(scores, labels(rows, head)) }
  })
}
