import type { Measure } from './cycle.ts'
import type { Cause, Head, Side } from './vocabulary.ts'

/** Sides two cycles are compared on: `oof` is what lies outside validation and test, by heads that did not see it. */
export type ComparedSide = 'test' | 'val' | 'oof'

/** Names of the measures that are compared; of `ece` and `brier` lower is better, of the others higher. */
export type ComparedName = 'auc' | 'ap' | 'ece' | 'brier'

/** One measure of one head on the same cases, by the truth as it stands now. */
export interface ComparedMeasure {
  side: ComparedSide
  head: Head
  name: ComparedName
  before: Measure
  after: Measure
  /** after − before, with its paired interval by group; n/a with the reason. */
  difference: Measure
  /** `better` and `worse`: the interval lies wholly on one side of nought. */
  verdict: 'better' | 'worse' | 'same' | 'na'
}

/** A case that one cycle calls positive and the other does not, each at its own operating point. */
export interface Flip {
  case: string
  /** Id and file name (under images/) of its picture. */
  image: string
  imageFile: string
  side: ComparedSide
  head: Head
  /** The truth as it stands; null: not known. */
  truth: 0 | 1 | null
  /** Calibrated probabilities, 0…1. */
  before: number
  after: number
  /** Whether it is called positive now; before it was called the other. */
  called: boolean
  verdict: 'mended' | 'broken' | 'unknown'
}

/** Corrections between two cycles of one cause and one head, and what became of that head. */
export interface CorrectionGroup {
  /** `none`: the reader gave no cause. */
  cause: Cause | 'none'
  head: Head
  /** Cases corrected so, each once, the first 100 of them by name. */
  count: number
  cases: string[]
  /** The head's main measure (flag: AUC; lesions: average precision) on the side that is judged; null where n/a. */
  change: { side: ComparedSide; name: ComparedName; difference: Measure } | null
}

/** A condition of promotion. `warned` stops nothing. */
export interface Gate {
  /** `soundness`, `discrimination`, `calibration`, `shortcut`, `within-format`. */
  name: 'soundness' | 'discrimination' | 'calibration' | 'shortcut' | 'within-format'
  /** Absent where it is about the whole model. */
  head?: Head
  side?: ComparedSide
  verdict: 'passed' | 'refused' | 'na' | 'warned'
  /** One readable line. */
  words: string
}

/** What `compare A B` gives: `before` is A, `after` is B. */
export interface Comparison {
  format: 'lesionloop-comparison-1'
  before: ComparedCycle
  after: ComparedCycle
  /** The cases each side is compared on: those both cycles scored there. */
  sides: { side: ComparedSide; cases: number; onlyBefore: number; onlyAfter: number; words: string }[]
  measures: ComparedMeasure[]
  /** Those whose probability changed most, at most 500, the furthest first. */
  flips: Flip[]
  /** How many there are in all, by side and head. */
  flipCounts: { side: ComparedSide; head: Head; mended: number; broken: number; unknown: number }[]
  corrections: CorrectionGroup[]
  gates: Gate[]
  /** Whether all gates let `after` take the place of `before`. */
  promotable: boolean
  warnings: string[]
  samples: number
  seed: number
}

export interface ComparedCycle {
  id: string
  sealedAt: string
  by: string
  backbone: string
  fit: 'heads' | 'finetune'
  /** Last act of the journal it knew, and hash of the labels it learned from. */
  journalSeq: number
  labels: string
  cases: Record<Side | 'pool', number>
  promoted: boolean
}
