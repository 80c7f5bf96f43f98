import type { Candidate, Choice } from './strategy.ts'

/** Puts choices in the order of their scores, the highest first; equals in the order of their cases' names. */
export function byScore(choices: Choice[], candidates: readonly Candidate[]): Choice[] {
  return choices.sort(
    (one, other) => other.score - one.score || byName(candidates)(one.candidate, other.candidate),
  )
}

/** Compares two candidates, given by their places, by the names of their cases. */
export const byName = (candidates: readonly Candidate[]) => (one: number, other: number) => {
  const [a, b] = [candidates[one]!.case, candidates[other]!.case]
  return a < b ? -1 : a > b ? 1 : 0
}

/** All places, in the order of their cases' names: chance then depends on seed and cases, not on the order given. */
export const named = (candidates: readonly Candidate[]): number[] =>
  candidates.map((_, at) => at).sort(byName(candidates))

/** Scores of an order that has no unit of its own: the share of the pool that comes later, above 1 in the batch. */
export const placeScore = (place: number, n: number) => (n - place) / n

/**
 * Places of the highest worths, the highest first, equals by name: without sorting a whole pool for the sake of a few.
 */
export function highest(worths: Float64Array, count: number, candidates: readonly Candidate[]): number[] {
  if (count <= 0) return []
  const least = count < worths.length ? Float64Array.from(worths).sort()[worths.length - count]! : -Infinity
  const places: number[] = []
  for (let at = 0; at < worths.length; at++) if (worths[at]! >= least) places.push(at)
  const compare = byName(candidates)
  return places.sort((one, other) => worths[other]! - worths[one]! || compare(one, other)).slice(0, count)
}
