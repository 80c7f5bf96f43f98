import { differ, flagOf } from '../../data/journal/truth.ts'
import type { CaseState, PersonLabel } from '../../data/records/case.ts'
import { HEADS, type Head } from '../../data/records/vocabulary.ts'

/** What a label says of a head. */
export function sayOf(label: PersonLabel, head: Head): string {
  if (head === 'flag') return flagOf(label)
  return label.notAssessable === undefined ? label.lesions[head] : 'not-assessed'
}

/** Heads on which readers contradict each other. */
export function disputed(state: CaseState): Head[] {
  return HEADS.filter(head =>
    state.labels.some((one, at) =>
      state.labels.slice(at + 1).some(other => differ(sayOf(one, head), sayOf(other, head))),
    ),
  )
}

/**
 * Whether a case waits for a person's verdict: its readers disagree, nobody has settled it, and nobody is still to
 * read it, neither this person nor another it was handed to.
 */
export function awaitsVerdict(state: CaseState): boolean {
  return (
    state.adjudicated === undefined &&
    state.labels.length > 1 &&
    state.retired !== true &&
    state.assigned.every(who => state.labels.some(label => label.who === who)) &&
    disputed(state).length > 0
  )
}
