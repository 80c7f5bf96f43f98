import type { Head, PerLesion, Side } from './vocabulary.ts'

/** A line of predictions.jsonl: calibrated probabilities in 0…1. `fold` null: by the model of all folds (val, test). */
export interface Prediction {
  case: string
  image: string
  side: Side | 'pool'
  fold: number | null
  flag: number
  lesions: PerLesion<number>
}

/** A line of queue.jsonl: what to review next, in order. */
export interface QueueEntry {
  case: string
  rank: number
  /** Higher is asked first; in the unit of its strategy (entropy: bits). */
  score: number
  strategy: string
  /** The head the case is here for. */
  head: Head
  /** One readable line: "the model is unsure of GGO (0.52)". */
  why: string
  /** Which queue it stands in; absent: `review`. */
  queue?: QueueName
  /** Drawn by chance and to be read blind: text, labels and model's opinion stay hidden until it is decided. */
  audit?: true
}

/** `review`: worth reading; `audit`: drawn by chance; `disagreement`: text against image; `labels`: likely wrong. */
export type QueueName = 'review' | 'audit' | 'disagreement' | 'labels'

/** A figure with its bootstrap interval; null: n/a, with the reason. */
export interface Measure {
  value: number | null
  low: number | null
  high: number | null
  /** Cases and positives it was measured on. */
  n: number
  positives: number
  na?: string
}

/** cycles/NNNN/metrics.json */
export interface CycleMetrics {
  /** Per side: the flag's metrics by name (accuracy, f1, auc, ap, sensitivity, specificity, precision). */
  flag: Partial<Record<Side | 'oof', Record<string, Measure>>>
  lesions: Partial<Record<Side | 'oof', PerLesion<Record<string, Measure>>>>
  /** `auc`: over the epochs of a fine-tuning, on validation. */
  curves: { roc: Curve[]; precisionRecall: Curve[]; loss: Curve[]; auc?: Curve[] }
  /** The flag's operating point, chosen on validation. */
  threshold: number
  /** Operating points of all heads; null where a head has none (not learned, one class only). */
  thresholds?: Partial<Record<Head, number | null>>
  warnings: string[]
  /** The flag told from file format, size and grey levels alone, beside the model on the same cases. */
  shortcut?: ShortcutMeasures
  /** The flag's AUC by source of the cases and by file format. */
  bySource?: SourceMeasure[]
  /** Calibration of the flag and the lesions, out of fold and on test. */
  calibration?: CalibrationMeasure[]
  /** Right and wrong calls of each head at its operating point. */
  confusion?: ConfusionMeasure[]
}

/** Calls at the operating point, of the cases where the truth is known. */
export interface ConfusionMeasure {
  side: Side | 'oof'
  head: Head
  threshold: number
  truePositives: number
  falsePositives: number
  trueNegatives: number
  falseNegatives: number
}

export interface ShortcutMeasures {
  side: Side | 'oof'
  shortcut: Measure
  model: Measure
  /** Model and shortcut together, and what they gain over the shortcut alone (paired). */
  together: Measure
  gain: Measure
  /** AUCs among the files of one format, where the format itself tells nothing. */
  within?: { format: string; shortcut: Measure; model: Measure }[]
}

export interface SourceMeasure {
  side: Side | 'oof'
  by: 'source' | 'format'
  name: string
  auc: Measure
  /** At the flag's operating point. */
  sensitivity?: Measure
  specificity?: Measure
}

export interface CalibrationMeasure {
  side: Side | 'oof'
  head: Head
  /** Expected calibration error, before and after calibration. */
  before: number | null
  after: number | null
  /**
   * The same by temperature scaling: one divisor of the logits, fitted on validation for test and on the other folds
   * out of fold. null where these have too few of a class.
   */
  temperature?: { temperature: number; after: number } | null
  /** Of the calibrated probabilities, and of those before. */
  bins: CalibrationBin[]
  binsBefore?: CalibrationBin[]
}

export interface CalibrationBin {
  predicted: number
  observed: number
  count: number
  positives: number
}

export interface Curve {
  name: string
  points: [number, number][]
}

/** cycles/NNNN/cycle.json, written last: its presence and hashes make the cycle whole. */
export interface CycleRecord {
  id: string
  startedAt: string
  sealedAt: string
  by: string
  /** The job that made it, where one did: the same job again finds it here, and makes no other. */
  job?: string
  code: string
  backend: { name: string; reason: string }
  backbone: { name: string; weights: string; weightsSha256: string }
  seed: number
  config: Record<string, unknown>
  learnedFrom: {
    /** Hash over the truths (case, value, source) it learned from. */
    labels: string
    cases: Record<Side | 'pool', number>
    /** Truths by their source, over all heads. */
    sources: Record<string, number>
    journalSeq: number
  }
  /** File name → sha256 of every other file in the folder. */
  files: Record<string, string>
}
