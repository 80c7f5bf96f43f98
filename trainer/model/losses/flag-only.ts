import { DEFAULT_TEACHING, lessonValues, lessonWeights } from '../../fit/targets.ts'
import { HEAD_COUNT } from '../la-dnn.ts'
import type { Loss } from './loss.ts'
import { lossTable } from './loss-table.ts'

/** The paper's baseline: cross-entropy of the flag alone; the lesions' head is not trained. */
export const flagOnly: Loss = {
  name: 'flag-only',
  about: "the flag alone, the paper's baseline",
  lesions: false,
  table: (lessons, { teaching = DEFAULT_TEACHING }) => {
    const raw = lessonWeights(lessons, teaching).map((weight, at) => (at % HEAD_COUNT === 0 ? weight : 0))
    return lossTable(lessonValues(lessons), raw, 0)
  },
}
