import { HEADS, type Head } from '../../data/records/vocabulary.ts'
import { sigmoid } from '../../data/statistics/logit.ts'
import type { Scored } from './predict.ts'

export interface MeasureOptions {
  samples: number
  seed: number
}

/** Scores and truths of one head, of the cases where the truth is known. */
export interface Judged {
  scores: number[]
  labels: number[]
  groups: string[]
  /** Before calibration. */
  raw: number[]
}

/** Sides cases are measured on: `oof` is what lies outside validation and test, by heads that did not see it. */
export const MEASURED_SIDES = ['oof', 'val', 'test'] as const
export type MeasuredSide = (typeof MEASURED_SIDES)[number]

export const onSide = (scored: readonly Scored[], side: MeasuredSide) =>
  scored.filter(one => (side === 'oof' ? one.fold !== null : one.case.side === side))

/** The cases where the truth of a head is known. */
export const known = (scored: readonly Scored[], head: Head) =>
  scored.filter(one => one.case.truth[HEADS.indexOf(head)]!.value !== null)

export function judged(scored: readonly Scored[], head: Head): Judged {
  const at = HEADS.indexOf(head)
  const cases = known(scored, head)
  return {
    scores: cases.map(one => one.probabilities[at]!),
    labels: cases.map(one => one.case.truth[at]!.value as number),
    groups: cases.map(one => one.case.group),
    raw: cases.map(one => sigmoid(one.logits[at]!)),
  }
}

/** Lesions are learned of COVID cases, so there they can be judged without the flag's help. */
export const inCovid = (scored: readonly Scored[]) => scored.filter(one => one.case.truth[0]!.value === 1)
