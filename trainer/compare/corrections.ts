import type { CaseState } from '../../data/records/case.ts'
import type { ComparedMeasure, CorrectionGroup } from '../../data/records/comparison.ts'
import { CAUSES, HEADS, type Head } from '../../data/records/vocabulary.ts'
import { readingOf } from '../cycle/stop-signals.ts'

/** Cases named in a group; the count is of all. */
const NAMED = 100

/**
 * Corrections that the later of two cycles learned from and the earlier did not, by cause and head, each with the
 * change of that head. A correction contradicts what was mined or published, or adds a finding the text does not name.
 * @param states the cases that teach: outside validation and test.
 * @param since the acts between the two, by their numbers: after `from`, up to `to`.
 * @param changeOf the main measure of a head, where there is one.
 */
export function correctionsSince(
  states: readonly CaseState[],
  { from, to }: { from: number; to: number },
  changeOf: (head: Head) => ComparedMeasure | null,
): CorrectionGroup[] {
  const groups = new Map<string, { cause: CorrectionGroup['cause']; head: Head; cases: string[] }>()
  for (const state of states) {
    const fresh = [...state.labels, ...(state.adjudicated ? [state.adjudicated] : [])].filter(
      label => label.seq > from && label.seq <= to,
    )
    if (fresh.length === 0) continue
    for (const head of HEADS) {
      const given = fresh.flatMap(label => label.causes).find(one => one.head === head)?.cause
      const { said, read } = readingOf(state, head)
      const contradicts = read !== undefined && (said === null ? read === 1 : read !== said)
      if (!contradicts && given === undefined) continue
      const cause = given ?? 'none'
      const key = `${cause} ${head}`
      const group = groups.get(key) ?? { cause, head, cases: [] }
      group.cases.push(state.id)
      groups.set(key, group)
    }
  }
  const order = (cause: CorrectionGroup['cause']) =>
    cause === 'none' ? CAUSES.length : CAUSES.indexOf(cause)
  return [...groups.values()]
    .sort(
      (one, other) =>
        order(one.cause) - order(other.cause) || HEADS.indexOf(one.head) - HEADS.indexOf(other.head),
    )
    .map(({ cause, head, cases }) => {
      const change = changeOf(head)
      return {
        cause,
        head,
        count: cases.length,
        cases: cases.sort().slice(0, NAMED),
        change: change && { side: change.side, name: change.name, difference: change.difference },
      }
    })
}
