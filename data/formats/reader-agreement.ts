import { flagOf } from '../journal/truth.ts'
import type { PersonLabel } from '../records/case.ts'
import { LESIONS } from '../records/vocabulary.ts'

/** How far the readers of one case agree. */
export interface ReaderAgreement {
  readers: number
  /** Share of pairs of readers that said the same, over the heads that both assessed; null with fewer than two. */
  share: number | null
}

/** Agreement on one case: every pair of readers, every head of the six that both assessed, counts alike. */
export function readerAgreement(labels: readonly PersonLabel[]): ReaderAgreement {
  const said = labels.map(label => [
    flagOf(label),
    ...LESIONS.map(lesion => (label.notAssessable === undefined ? label.lesions[lesion] : 'not-assessed')),
  ])
  let pairs = 0
  let same = 0
  said.forEach((one, at) => {
    for (const other of said.slice(at + 1))
      one.forEach((word, head) => {
        if (word === 'not-assessed' || other[head] === 'not-assessed') return
        pairs++
        if (word === other[head]) same++
      })
  })
  return { readers: labels.length, share: pairs === 0 ? null : same / pairs }
}
