import type { Head } from '../../data/records/vocabulary.ts'
import { auc } from '../../data/statistics/roc.ts'

/** A label of one head with the calibrated probability by heads that did not see the case. */
export interface GivenLabel {
  case: string
  given: 0 | 1
  probability: number
}

/** A label that is likely wrong, with the evidence. */
export interface Suspect extends GivenLabel {
  head: Head
  /** Mean probability of the answer it is suspected to be, over the cases labelled so: what is usual for it. */
  usual: number
  /**
   * How far the other answer's probability lies above what is usual for it, plus how far the given one's lies below:
   * by this, heads with rare and with common positives compare.
   */
  margin: number
}

export interface ConfidentLearning {
  head: Head
  /** Counts by [given][likely]: the confident joint. */
  joint: [[number, number], [number, number]]
  /** Estimated share of wrong labels among those given as negative and as positive. */
  noise: { negative: number; positive: number }
  /** The most suspicious first. */
  suspects: Suspect[]
  /** Why nothing could be said; absent where it could. */
  na?: string
}

/** Fewer labels of an answer than this, and what is usual for it can't be told. */
const FEWEST = 5
/** A head that tells its answers apart worse than this contradicts labels by chance; wrong labels lower it too. */
const LEAST_AUC = 0.6

/**
 * Confident learning for one head (Northcutt, Jiang and Chuang 2021): a case counts as likely of an answer where its
 * probability reaches what is usual among the cases labelled so; a label is suspect where that answer is not the given
 * one. Usual, not 0.5: a rare lesion's probabilities are low even where it is there.
 * @param labels with probabilities out of fold: those of a model that saw the label would agree with it.
 */
export function confidentLearning(head: Head, labels: readonly GivenLabel[]): ConfidentLearning {
  const counts = [0, 1].map(value => labels.filter(one => one.given === value).length) as [number, number]
  const nothing = { head, joint: emptyJoint(), noise: { negative: 0, positive: 0 }, suspects: [] }
  if (Math.min(...counts) < FEWEST)
    return {
      ...nothing,
      na: `${counts[1]} positive and ${counts[0]} negative labels: at least ${FEWEST} of each were expected`,
    }
  const apart = auc(
    labels.map(one => one.probability),
    labels.map(one => one.given),
  )
  if (apart === null || apart < LEAST_AUC)
    return {
      ...nothing,
      na: `out of fold the head has an AUC of ${apart?.toFixed(2)}: at least ${LEAST_AUC} was expected of one that is to doubt labels`,
    }
  const of = (one: GivenLabel, answer: number) => (answer === 1 ? one.probability : 1 - one.probability)
  const usual = [0, 1].map(answer => {
    const own = labels.filter(one => one.given === answer)
    return own.reduce((sum, one) => sum + of(one, answer), 0) / own.length
  }) as [number, number]
  const joint = emptyJoint()
  const suspects: Suspect[] = []
  for (const label of labels) {
    const reached = ([0, 1] as const).filter(answer => of(label, answer) >= usual[answer])
    if (reached.length === 0) continue
    const likely = reached.length === 2 ? (label.probability >= 0.5 ? 1 : 0) : reached[0]!
    joint[label.given][likely]++
    if (likely === label.given) continue
    const margin = of(label, likely) - usual[likely] + usual[label.given] - of(label, label.given)
    suspects.push({ ...label, head, usual: usual[likely], margin })
  }
  suspects.sort((one, other) => other.margin - one.margin || (one.case < other.case ? -1 : 1))
  const noiseOf = ([right, wrong]: readonly [number, number]) =>
    right + wrong === 0 ? 0 : wrong / (right + wrong)
  return {
    head,
    joint,
    noise: { negative: noiseOf(joint[0]), positive: noiseOf([joint[1][1], joint[1][0]]) },
    suspects,
  }
}

const emptyJoint = (): [[number, number], [number, number]] => [
  [0, 0],
  [0, 0],
]
