import { LesionloopError } from '../../data/errors.ts'
import type { Finding, Head, MinedFlag } from '../../data/records/vocabulary.ts'
import { badgeStrategy } from './badge.ts'
import { balancedStrategy } from './balanced.ts'
import { baldStrategy } from './bald.ts'
import { coreSetStrategy } from './core-set.ts'
import { entropyStrategy } from './entropy.ts'
import { leastConfidenceStrategy } from './least-confidence.ts'
import { marginStrategy } from './margin.ts'
import { randomStrategy } from './random.ts'
import { typiclustStrategy } from './typiclust.ts'

/** A case of the pool, as a strategy sees it. */
export interface Candidate {
  case: string
  /** Calibrated probabilities, by heads that did not see the case, in the order of `HEADS`. */
  probabilities: readonly number[]
  /** Frozen features, raw, as long as every other candidate's. */
  features?: Float32Array
  /** Patient, document and linked doubles together. */
  group?: string
  /** What the text says, in the order of `HEADS`. */
  said?: readonly (Finding | MinedFlag)[]
}

/** A case an expert has read. */
export interface ReadCase {
  features?: Float32Array
  group?: string
  /** 1 positive, 0 negative, null not assessed; in the order of `HEADS`. */
  values: readonly (0 | 1 | null)[]
}

/** A case chosen for review. */
export interface Choice {
  /** Index into the candidates. */
  candidate: number
  /** Higher is asked first; its unit is the strategy's. */
  score: number
  /** The head the case is worth reading for. */
  head: Head
  /** One readable line. */
  why: string
}

export interface RankOptions {
  seed: number
  /** Heads that were learned; the others' probabilities say nothing. */
  learned: readonly Head[]
  /** Heads that are wanted; absent: all six. */
  wanted?: readonly Head[]
  /** Cases that will be read before the model learns again: those are chosen together. Absent: 50. */
  batch?: number
  read?: readonly ReadCase[]
  /** Probabilities under dropout, [draws][n·6]; see `dropoutDraws`. */
  draws?: readonly Float64Array[]
}

/** What a strategy can't do without, besides the probabilities. */
export type Need = 'features' | 'draws'

/** A way to order the pool for review: a pure function; the same input gives the same order. */
export interface Strategy {
  name: string
  about: string
  needs: readonly Need[]
  /**
   * The candidates worth a closer look where there are more than `limit`; absent: the least confident where the
   * strategy goes by probabilities, else a draw by chance.
   */
  shortlist?(candidates: readonly Candidate[], options: RankOptions, limit: number): number[]
  /** Orders all candidates: the batch first, then the rest. Never called with an empty pool. */
  rank(candidates: readonly Candidate[], options: RankOptions): Choice[]
}

/** The strategy of a cycle that was told none. */
export const DEFAULT_STRATEGY = 'balanced'

export const STRATEGIES: ReadonlyMap<string, Strategy> = new Map(
  [
    balancedStrategy,
    randomStrategy,
    entropyStrategy,
    marginStrategy,
    leastConfidenceStrategy,
    baldStrategy,
    coreSetStrategy,
    badgeStrategy,
    typiclustStrategy,
  ].map(one => [one.name, one]),
)

/** @throws LesionloopError `strategy-unknown`. */
export function strategyOf(name: string): Strategy {
  const found = STRATEGIES.get(name)
  if (!found)
    throw new LesionloopError(
      'strategy-unknown',
      `strategy: ${name}: expected one of ${[...STRATEGIES.keys()].join(', ')}`,
    )
  return found
}
