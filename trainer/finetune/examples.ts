import { LesionloopError } from '../../data/errors.ts'
import { checkClasses } from '../fit/learnable-heads.ts'
import type { HeadTruth, TeachingOptions } from '../fit/targets.ts'
import type { PictureItem } from '../pictures/batches.ts'

/** A picture to learn from or to watch by: what it teaches, the flag first. */
export interface FinetuneExample extends PictureItem {
  lesson: HeadTruth[]
}

export interface FinetuneData {
  train: readonly FinetuneExample[]
  /** Stopped, calibrated and thresholds chosen by; may be empty, then none of the three is done. */
  validation: readonly FinetuneExample[]
  /** Further pictures to be judged at the end: test, pool. */
  judged: readonly PictureItem[]
  /** Weights by source and class; absent: all sources alike, classes balanced. */
  teaching?: TeachingOptions
}

/**
 * The examples that teach the flag or a lesion, with warnings about what is missing.
 * @throws LesionloopError `nothing-to-learn`, `one-class`.
 */
export function checkedData({ train, validation, ...rest }: FinetuneData, warnings: string[]): FinetuneData {
  if (train.length === 0)
    throw new LesionloopError(
      'nothing-to-learn',
      'fine-tuning: no picture on the training side: at least some of each kind were expected; add cases, or split them anew',
    )
  checkClasses(train.map(example => example.lesson))
  const teaches = ({ lesson }: FinetuneExample) => lesson.some(one => one.value !== null)
  const watched = validation.filter(teaches)
  if (watched.length === 0)
    warnings.push(
      'validation is empty: the last epoch is kept, probabilities are not calibrated and no operating point is chosen',
    )
  return { train: train.filter(teaches), validation: watched, ...rest }
}
