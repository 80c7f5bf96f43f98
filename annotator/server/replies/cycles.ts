import type { ActDraft } from '../../../data/records/act.ts'
import type { Truth } from '../../../data/records/case.ts'
import type { CycleMetrics, CycleRecord } from '../../../data/records/cycle.ts'
import type { Promotion } from '../../../data/records/promotion.ts'
import type { Head, PerLesion } from '../../../data/records/vocabulary.ts'

/** Cycles, which of them speaks, and what they say of the labels. */

export interface ShortMeasure {
  value: number | null
  low: number | null
  high: number | null
  na?: string
}

export interface CycleRow {
  id: string
  startedAt: string
  sealedAt: string
  by: string
  backbone: string
  backend: string
  seed: number
  /** What a lesion that the text does not name counted as: the next cycle does the same unless told otherwise. */
  unmentioned: 'absent' | 'masked'
  cases: CycleRecord['learnedFrom']['cases']
  sources: Record<string, number>
  /** The flag's AUC on the test side. */
  auc: ShortMeasure | null
  /** Average precision of each lesion there; null: n/a. */
  aps: PerLesion<ShortMeasure | null>
  promoted: boolean
  warnings: number
  /** What was changed in its folder since it was sealed, in words; empty: it is as it was. */
  faults: string[]
}

export interface CycleReply {
  record: CycleRecord
  metrics: CycleMetrics | null
  promoted: boolean
  /** Address of the report; null where the cycle has none. */
  report: string | null
}

/** Which cycle was promoted, with all that went before; null: none yet. */
export interface PromotionReply {
  promotion: Promotion | null
}

/** A label that confident learning doubts, with its evidence as the newest cycle has it. */
export interface DoubtedLabel {
  case: string
  rank: number
  /** Head whose label is doubted most; others of the case stand in `why`. */
  head: Head
  /** The label as it stands, and whose it is; null: masked meanwhile. */
  given: 'positive' | 'negative' | 'present' | 'absent' | null
  source: Truth['flag']['source']
  /** Calibrated probability by heads that did not see the case, and the head's operating threshold. */
  probability: number | null
  threshold: number | null
  why: string
  imageFile: string
  width: number
  height: number
  version: number
  /** Looked at since the cycle was sealed. */
  settled: boolean
  /** How this person can say that the label is right: the own label again, or a verdict; null: by reading the case. */
  confirm: Extract<ActDraft['act'], { kind: 'label' | 'adjudicate' }> | null
}

export interface LabelAuditReply {
  cycle: string | null
  rows: DoubtedLabel[]
  /** Doubts whose evidence this person may not see before the own reading. */
  hidden: number
}

export interface StopSignalsReply {
  cycle: string | null
  /** A line of words a head; empty where the cycle has none. */
  signals: { head: Head; reached: boolean; sentence: string }[]
}
