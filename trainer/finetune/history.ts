/** What one epoch gave; a point of the learning curves. */
export interface EpochRecord {
  epoch: number
  /** Mean loss over the epoch's steps, on changed pictures. */
  trainLoss: number
  /** Loss of both heads on validation, and its parts; absent where validation is empty. */
  valLoss?: number
  valFlagLoss?: number
  valLesionLoss?: number
  /** AUC of the flag on validation; null with one class only. */
  valAuc?: number | null
  /** Rate of the last step, as a share of the highest. */
  rate: number
  /** Stages of the backbone that learned. */
  open: number
  images: number
}

/** What an epoch took; told while it runs, and never part of a state: it differs from run to run. */
export interface EpochSpeed {
  seconds: number
  /** Of it, seconds for which the step waited for pictures. */
  waited: number
}
