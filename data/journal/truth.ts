import type { Label, MinedCase, PersonLabel, Truth } from '../records/case.ts'
import {
  type Finding,
  type LesionLabel,
  type MinedFlag,
  perLesion,
  type TruthSource,
} from '../records/vocabulary.ts'

/**
 * The truth of a case's heads with the source of each (design.md, "What a case teaches"), in this order: adjudicated,
 * agreed by two experts or more, one expert's, published, mined.
 *
 * - Where an expert has said something of a head, nothing weaker counts: uncertain or not assessed masks it (null, source
 *   `expert`), as does a disagreement that nobody settled; an expert who left the head unassessed abstains where
 *   another assessed it.
 * - Mined: present → present, resolved and absent → absent, possible → masked (null, `mined`), none → nothing is
 *   known (null, source null), so that a reader may tell "hedged" from "not mentioned".
 */
export function truthOf(of: {
  mined: MinedCase['mined']
  published?: MinedCase['published']
  labels: readonly PersonLabel[]
  adjudicated?: PersonLabel
}): Truth {
  const { mined, published, labels, adjudicated } = of
  return {
    flag: head(
      adjudicated && flagOf(adjudicated),
      labels.map(flagOf),
      published?.flag,
      FLAG_TRUTH[mined.flag],
      mined.flag !== 'unstated',
    ),
    lesions: perLesion(lesion =>
      head(
        adjudicated &&
          (adjudicated.notAssessable === undefined ? adjudicated.lesions[lesion] : 'not-assessed'),
        labels.map(label => (label.notAssessable === undefined ? label.lesions[lesion] : 'not-assessed')),
        published?.masked?.includes(lesion) ? null : published?.findings[lesion],
        FINDING_TRUTH[mined.findings[lesion]],
        mined.findings[lesion] !== 'none',
      ),
    ),
  }
}

/** What an expert says of the flag: nothing, where the case can't be assessed. */
export const flagOf = (label: Label) => (label.notAssessable === undefined ? label.flag : 'not-assessed')

const FLAG_TRUTH: Record<MinedFlag, 'positive' | 'negative' | null> = {
  positive: 'positive',
  negative: 'negative',
  possible: null,
  unstated: null,
}
const FINDING_TRUTH: Record<Finding, 'present' | 'absent' | null> = {
  present: 'present',
  possible: null,
  resolved: 'absent',
  absent: 'absent',
  none: null,
}

type Said<V> = V | 'uncertain' | 'not-assessed'

function head<V extends 'positive' | 'negative' | 'present' | 'absent'>(
  adjudicated: Said<V> | undefined,
  experts: readonly Said<V>[],
  published: V | null | undefined,
  mined: V | null,
  isMined: boolean,
): { value: V | null; source: TruthSource | null } {
  if (adjudicated !== undefined) return { value: decided(adjudicated), source: 'adjudicated' }
  if (experts.length > 0) {
    const votes = experts.filter(said => said !== 'not-assessed')
    const [first] = votes
    if (first === undefined || votes.some(vote => vote !== first)) return { value: null, source: 'expert' }
    const value = decided(first)
    return { value, source: value !== null && votes.length > 1 ? 'agreed' : 'expert' }
  }
  if (published !== undefined) return { value: published, source: 'published' }
  return { value: mined, source: isMined ? 'mined' : null }
}

const decided = <V extends string>(said: Said<V>): V | null =>
  said === 'uncertain' || said === 'not-assessed' ? null : (said as V)

/** Whether two things said of a lesion by experts exclude each other, or one is sure and the other is not. */
export const differ = (a: LesionLabel | string, b: LesionLabel | string) =>
  a !== 'not-assessed' && b !== 'not-assessed' && a !== b
