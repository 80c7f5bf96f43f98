import type { CycleMetrics, Measure } from '../../data/records/cycle.ts'
import { HEADS, type Head } from '../../data/records/vocabulary.ts'
import type { Judgement, OpenModel } from '../live/open-model.ts'

export const NOT_A_DIAGNOSIS = 'research use only, not a diagnosis'

export interface HeadOpinion {
  head: Head
  /** Calibrated; of a lesion: given COVID, as it was learned. */
  probability: number
  /** Least and greatest over the heads that each left out one fold; null where the cycle kept none. */
  range: [number, number] | null
  /** null where the head has no operating point. */
  threshold: number | null
  /** False where the head could not be learned: its probability is a base rate. */
  learned: boolean
  /** AUC on test, to weigh the answer by. */
  auc: Measure | null
}

/** What a model says of one picture, head by head in the order of `HEADS`. */
export function headOpinions(
  { heads, metrics }: Pick<OpenModel, 'heads' | 'metrics'>,
  { probabilities, byFold }: Pick<Judgement, 'probabilities' | 'byFold'>,
): HeadOpinion[] {
  return HEADS.map((head, at) => {
    const folds = byFold.map(each => each[at]!)
    const { constant, threshold } = heads[at]!
    return {
      head,
      probability: rounded(probabilities[at]!),
      range:
        folds.length > 0 && constant === null
          ? [rounded(Math.min(...folds)), rounded(Math.max(...folds))]
          : null,
      threshold,
      learned: constant === null,
      auc: aucOf(metrics, head),
    }
  })
}

function aucOf({ flag, lesions }: CycleMetrics, head: Head): Measure | null {
  return (head === 'flag' ? flag.test?.['auc'] : lesions.test?.[head]?.['auc']) ?? null
}

const rounded = (value: number) => Math.round(value * 1e4) / 1e4
