import { HEADS, type Head } from '../../data/records/vocabulary.ts'
import type { RankOptions } from './strategy.ts'

/** A head and its place in the order of `HEADS`. */
export interface PlacedHead {
  head: Head
  at: number
}

/** The heads asked for. */
export const wantedHeads = ({ wanted }: Pick<RankOptions, 'wanted'>): PlacedHead[] =>
  HEADS.flatMap((head, at) => (!wanted || wanted.includes(head) ? [{ head, at }] : []))

/** The heads asked for whose probabilities mean something. */
export const learnedHeads = (options: Pick<RankOptions, 'wanted' | 'learned'>): PlacedHead[] =>
  wantedHeads(options).filter(({ head }) => options.learned.includes(head))
