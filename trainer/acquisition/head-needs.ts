import { type HeadQuestion, likelyByText, marginOf } from './head-questions.ts'
import { wantedHeads } from './learned-heads.ts'
import type { Candidate, RankOptions, ReadCase } from './strategy.ts'

/** A head, what it asks for, and how much of the batch it may have. */
export interface HeadNeed extends HeadQuestion {
  /** All shares add up to 1. */
  share: number
}

/**
 * The heads that can say which cases they want, each with its share of a batch. Shares go by what a head lacks: in
 * proportion to 1 / √(1 + the rarer of its two answers among the cases read), so that a head with 3 positives gets
 * twice the share of one with 15, and none is forgotten. A head without any positive read asks for those the text
 * calls positive; where no text does, it asks like the others, if it was learned.
 */
export function headNeeds(candidates: readonly Candidate[], options: RankOptions): HeadNeed[] {
  const asking = wantedHeads(options).flatMap(({ head, at }) => {
    const { positives, negatives } = answers(at, options.read ?? [])
    const byText = positives === 0 && candidates.some(one => likelyByText(one, at) > 0)
    if (!byText && !options.learned.includes(head)) return []
    const worth = byText
      ? (candidate: Candidate) => likelyByText(candidate, at)
      : (candidate: Candidate) => marginOf(candidate, at)
    return [{ head, at, byText, worth, lack: 1 / Math.sqrt(1 + Math.min(positives, negatives)) }]
  })
  const all = asking.reduce((sum, one) => sum + one.lack, 0)
  return asking.map(({ lack, ...question }) => ({ ...question, share: lack / all }))
}

function answers(at: number, read: readonly Pick<ReadCase, 'values'>[]) {
  const values = read.flatMap(one => one.values[at] ?? [])
  const positives = values.filter(value => value === 1).length
  return { positives, negatives: values.length - positives }
}

/** Whose turn it is: the head that is farthest behind its share of the places given so far. */
export function nextHead<T extends { share: number }>(heads: readonly T[], given: ReadonlyMap<T, number>): T {
  const placed = heads.reduce((sum, one) => sum + (given.get(one) ?? 0), 0)
  const behind = (one: T) => one.share * (placed + 1) - (given.get(one) ?? 0)
  return heads.reduce((most, one) => (behind(one) > behind(most) + 1e-12 ? one : most))
}
