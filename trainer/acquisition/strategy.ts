import { LesionloopError } from '../../data/errors.ts'
import type { Head } from '../../data/records/vocabulary.ts'
import { entropyStrategy } from './entropy.ts'
import { randomStrategy } from './random.ts'

/** A case of the pool, as a strategy sees it. */
export interface Candidate {
  case: string
  /** Calibrated probabilities, by heads that did not see the case, in the order of `HEADS`. */
  probabilities: readonly number[]
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
}

/** A way to order the pool for review: a pure function; the same input gives the same order. */
export interface Strategy {
  name: string
  about: string
  /** Orders all candidates. Never called with an empty pool. */
  rank(candidates: readonly Candidate[], options: RankOptions): Choice[]
}

export const STRATEGIES: ReadonlyMap<string, Strategy> = new Map(
  [entropyStrategy, randomStrategy].map(one => [one.name, one]),
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
