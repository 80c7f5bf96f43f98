import { DEFAULT_TEACHING, lessonValues, lessonWeights } from '../../fit/targets.ts'
import type { Loss } from './loss.ts'
import { lossTable } from './loss-table.ts'

/** No value counts more than so many times the average: one rare image must not steer a whole batch. */
const MOST = 8

/**
 * Ours: cross-entropy of the flag + λ · cross-entropy of the lesions, each the weighted mean over what is assessed,
 * positives and negatives of each head weighing the same. Uncertain and not assessed values are masked, and so are
 * the lesions of controls unless an expert read them (they come masked in the lessons).
 */
export const lesionAttention: Loss = {
  name: 'lesion-attention',
  about: 'flag + λ · lesions, classes balanced, what nobody assessed masked',
  lesions: true,
  table: (lessons, { lambda, teaching = DEFAULT_TEACHING }) => {
    const raw = lessonWeights(lessons, teaching).map(weight => Math.min(weight, MOST))
    return lossTable(lessonValues(lessons), raw, lambda)
  },
}
