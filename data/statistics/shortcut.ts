import type { Labels } from './binary.ts'
import type { GreyLevels } from './grey-levels.ts'
import { logisticProbabilities, logisticRegression } from './logistic-regression.ts'

/**
 * The shortcut control: how well can the flag be told from what has nothing to do with disease? On COVID-CT ten
 * numbers of file metadata and grey levels reach a test AUC of about 0.93, because controls came from other places
 * than cases. A model's figure means something only beside this one.
 */
export interface ShortcutFacts {
  /** File format as sharp names it: "png", "jpeg". */
  format: string
  width: number
  height: number
  /** Size of the file in bytes. */
  bytes: number
  grey: GreyLevels
}

/** Chosen among a few such sets by their AUC on COVID-CT's train side. */
export const SHORTCUT_FEATURES = [
  'JPEG',
  'log width',
  'log height',
  'log bytes',
  'log bytes per pixel',
  'mean grey',
  'deviation of grey',
  'share black',
  'share white',
  'grey of the border',
] as const

/** The ten numbers of `SHORTCUT_FEATURES`, in that order. */
export function shortcutFeatures(facts: ShortcutFacts): number[] {
  const { format, width, height, bytes, grey } = facts
  return [
    /^jpe?g$/i.test(format) ? 1 : 0,
    Math.log(width),
    Math.log(height),
    Math.log(bytes),
    Math.log(bytes / (width * height)),
    grey.mean,
    grey.deviation,
    grey.black,
    grey.white,
    grey.border,
  ]
}

/**
 * Probabilities of the flag for the test rows, by logistic regression (l2 = 1, balanced classes) on the train rows'
 * ten numbers alone.
 */
export function shortcutControl(
  train: readonly number[][],
  labels: Labels,
  test: readonly number[][],
): Float64Array {
  const model = logisticRegression(train, labels, { classWeights: 'balanced' })
  return logisticProbabilities(model, test)
}
