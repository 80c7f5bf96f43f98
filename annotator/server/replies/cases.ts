import type { Act } from '../../../data/records/act.ts'
import type { CaseState, HounsfieldImage, Truth } from '../../../data/records/case.ts'
import type { QueueEntry } from '../../../data/records/cycle.ts'
import type { Finding, Head, MinedFlag, PerLesion, Side } from '../../../data/records/vocabulary.ts'
import type { DocumentRow } from './documents.ts'

/** Cases: a line of the list, and all that the desk shows of one. */

/** A line of the list: enough to show it, not to decide it. */
export interface CaseRow {
  id: string
  document: string | null
  figure: string | null
  panel: string | null
  page: number | null
  image: string
  imageFile: string
  width: number
  height: number
  hounsfield?: HounsfieldImage
  version: number
  /** Beginning of the caption, at most 160 UTF-16 units. */
  caption: string
  flag: MinedFlag
  findings: PerLesion<Finding>
  truth: Truth
  /** People who labelled it, by account id. */
  labelledBy: string[]
  adjudicated: boolean
  /** The person asking has labelled it. */
  mine: boolean
  /** Heads on which text, model and experts contradict each other. */
  disagreements: Head[]
  discuss: boolean
  notes: number
  /** Its document was withdrawn or retracted. */
  withdrawn: boolean
  /** What the text says or the model thinks is left out until the person's first decision. */
  blind: boolean
  /** Its place in the current queue. */
  queue: QueueEntry | null
}

export interface CaseList {
  rows: CaseRow[]
  total: number
  offset: number
  limit: number
  /** Cycle whose queue gives the order; null where there is none. */
  cycle: string | null
}

/** What the model that speaks (promoted, else the newest sealed cycle) says of a case. Probabilities in 0…1. */
export interface Opinion {
  cycle: string
  promoted: boolean
  side: Side | 'pool'
  /** Out of fold; null: by the model of all folds. */
  fold: number | null
  flag: number
  lesions: PerLesion<number>
  /** Operating threshold of each head. */
  thresholds: Record<Head, number>
}

/** One case with all that the desk shows of it, in one answer. */
export interface CaseReply {
  case: CaseState
  /** Cases of the same figure in reading order, itself included. */
  siblings: CaseRow[]
  opinion: Opinion | null
  queue: QueueEntry | null
  document: Pick<DocumentRow, 'id' | 'title' | 'doi' | 'date'> | null
  /** Heads on which text, model and experts contradict each other. */
  disagreements: Head[]
  /** What the text says or the model thinks is left out until the person's first decision. */
  blind: boolean
  /** Which of the two is left out. */
  hidden: { text: boolean; model: boolean }
  /** The person has read it before, and is asked once more without seeing that. */
  repeat: boolean
}

export interface ActReply {
  act: Act
  /** The case as it stands with the act. */
  state: CaseState
  /** What the person's next undo and redo would touch; null: nothing. */
  undo: { seq: number; case: string } | null
  redo: { seq: number; case: string } | null
}

export interface HistoryEntry extends Act {
  /** Name of who did it. */
  name: string
  /** Taken back since. */
  undone: boolean
}
