import type { CaseState, PersonLabel } from '../../../data/records/case.ts'
import type { Head } from '../../../data/records/vocabulary.ts'

/** Who reads what, and what a judge settles. */

export interface AssignmentsReply {
  rows: { who: string; name: string; assigned: number; read: number }[]
}

export interface AdjudicationReply {
  /** Cases whose readers disagree and that nobody has settled. */
  left: number
  next: {
    case: CaseState
    disputed: Head[]
    readings: {
      said: Record<Head, string>
      causes: PersonLabel['causes']
      boxes: PersonLabel['boxes']
      notAssessable?: string
    }[]
  } | null
}
