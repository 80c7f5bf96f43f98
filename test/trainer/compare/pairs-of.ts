import type { CaseState } from '../../../data/records/case.ts'
import type { Pair } from '../../../trainer/compare/pairs.ts'

/** Pairs of one head (the flag): truths with both probabilities, each case a patient of its own. */
export function flagPairs(rows: readonly { truth: 0 | 1; before: number; after: number }[]): Pair[] {
  return rows.map(({ truth, before, after }, at) => ({
    state: {
      id: `case ${String(at).padStart(3, '0')}`,
      image: `i${at}`,
      imageFile: `i${at}.png`,
    } as CaseState,
    group: `patient ${at}`,
    truth: [
      { value: truth, source: 'expert' },
      ...Array.from({ length: 5 }, () => ({ value: null, source: null })),
    ],
    before: [before, 0, 0, 0, 0, 0],
    after: [after, 0, 0, 0, 0, 0],
  }))
}
