import type { QueueEntry } from '../../data/records/cycle.ts'
import type { Head } from '../../data/records/vocabulary.ts'
import { type Candidate, strategyOf } from '../acquisition/strategy.ts'

/** Puts the pool in order of review; an empty pool gives an empty queue. */
export function rankPool(
  candidates: readonly Candidate[],
  { strategy: name, seed, learned }: { strategy: string; seed: number; learned: readonly Head[] },
): QueueEntry[] {
  const strategy = strategyOf(name)
  if (candidates.length === 0) return []
  return strategy.rank(candidates, { seed, learned }).map(({ candidate, score, head, why }, at) => ({
    case: candidates[candidate]!.case,
    rank: at + 1,
    score: Math.round(score * 1e6) / 1e6,
    strategy: strategy.name,
    head,
    why,
  }))
}
