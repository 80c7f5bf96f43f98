import { HEADS } from '../../../data/records/vocabulary.ts'
import type { Loss } from './loss.ts'
import { lossTable } from './loss-table.ts'

/** The released code looks for `Aibr` and `InSep`, names its own table never has: these heads never see a positive. */
const DEAD: readonly string[] = ['AirBr', 'InSepThi']

/**
 * As the released code does (github xiaoxuegao499/LA-DNN-for-COVID-19-diagnosis), to show what it costs: the lesions'
 * loss is taken on images with at least one lesion only, so that nothing says what an image without one looks like,
 * and two of the five heads learn "never".
 */
export const paperCode: Loss = {
  name: 'paper-code',
  about: 'as the released code does: lesions on images that have one, two heads without positives',
  lesions: true,
  table: (lessons, { lambda }) => {
    const seen = lessons.map(row =>
      row.map((one, head) => (DEAD.includes(HEADS[head]!) ? 0 : (one.value ?? 0))),
    )
    const raw = lessons.flatMap((row, at) => {
      const lesion = seen[at]!.some((value, head) => head > 0 && value === 1)
      return row.map((one, head) => (head === 0 ? Number(one.value !== null) : Number(lesion)))
    })
    return lossTable(seen.flat(), raw, lambda)
  },
}
