import type { Prediction } from '../../data/records/cycle.ts'
import { HEADS, LESIONS, perLesion } from '../../data/records/vocabulary.ts'
import { joined } from '../fit/example.ts'
import type { Learned } from '../fit/learn.ts'
import { HEAD_COUNT } from '../model/la-dnn.ts'
import { calibrated, modelLogits, type TrainedModel } from '../model/trained-model.ts'
import type { CorpusCase } from './corpus.ts'

/** Calibrated probabilities of a case, in the order of `HEADS`, and what they were before calibration (logits). */
export interface Scored {
  case: CorpusCase
  /** The fold whose heads did not see it; null: by the heads of all folds (validation, test). */
  fold: number | null
  probabilities: number[]
  logits: number[]
}

/**
 * Scores every case by heads that did not see it: out of fold outside validation and test, by the final heads on
 * these two.
 * @param train the examples `learned` was given, in their order.
 */
export function scoreCases(
  cases: readonly CorpusCase[],
  train: readonly CorpusCase[],
  learned: Learned,
): Scored[] {
  const place = new Map(train.map((one, at) => [one.state.id, at]))
  const others = cases.filter(one => !place.has(one.state.id))
  const held = scoreBy(others, learned.model)
  const heldAt = new Map(others.map((one, at) => [one.state.id, at]))
  return cases.map(one => {
    const at = place.get(one.state.id)
    if (at === undefined) return held[heldAt.get(one.state.id)!]!
    const part = (all: ArrayLike<number>) =>
      Array.from({ length: HEAD_COUNT }, (_, head) => all[at * HEAD_COUNT + head]!)
    return {
      case: one,
      fold: learned.folds[at]!,
      probabilities: part(learned.outOfFold),
      logits: part(learned.outOfFoldLogits),
    }
  })
}

/** Scores cases by one model. */
export function scoreBy(cases: readonly CorpusCase[], model: TrainedModel): Scored[] {
  const logits = modelLogits(model, joined(cases, model.features))
  const probabilities = calibrated(logits, model.heads)
  const part = (all: ArrayLike<number>, at: number) =>
    Array.from({ length: HEAD_COUNT }, (_, head) => all[at * HEAD_COUNT + head]!)
  return cases.map((one, at) => ({
    case: one,
    fold: null,
    probabilities: part(probabilities, at),
    logits: part(logits, at),
  }))
}

/** A line of predictions.jsonl. `side` is `pool` where no expert has read a case outside validation and test. */
export function predictionOf({
  case: { state, side, pool },
  fold,
  probabilities,
}: Pick<Scored, 'fold' | 'probabilities'> & {
  case: Pick<CorpusCase, 'state' | 'side' | 'pool'>
}): Prediction {
  const rounded = (head: (typeof HEADS)[number]) =>
    Math.round(probabilities[HEADS.indexOf(head)]! * 1e6) / 1e6
  return {
    case: state.id,
    image: state.image,
    side: pool ? 'pool' : side,
    fold,
    flag: rounded('flag'),
    lesions: perLesion(lesion => rounded(lesion)),
  }
}

export const probabilitiesOf = (prediction: Prediction): number[] => [
  prediction.flag,
  ...LESIONS.map(lesion => prediction.lesions[lesion]),
]
