import { LesionloopError } from '../../data/errors.ts'
import { type FeatureSpace, featureSpace } from './feature-space.ts'
import { named } from './order.ts'
import type { Candidate, ReadCase } from './strategy.ts'

/** Candidates in the order of their names, then the cases already read, in one space. */
export interface PoolSpace {
  space: FeatureSpace
  /** The candidate of each of the first rows. */
  order: number[]
  /** Which rows were read: all after the candidates. */
  read: boolean[]
}

/**
 * Brings candidates and read cases with features into one space.
 * @throws LesionloopError `features-missing` where a candidate has none, `features-differ`.
 */
export function poolSpace(
  candidates: readonly Candidate[],
  read: readonly ReadCase[],
  options: { unit: boolean; strategy: string },
): PoolSpace {
  const order = named(candidates)
  const rows = order.map(at => {
    const { features, case: id } = candidates[at]!
    if (!features)
      throw new LesionloopError(
        'features-missing',
        `strategy: ${options.strategy}: it compares features, and ${id} has none; run a cycle, or rank with entropy, margin or random`,
      )
    return features
  })
  const known = read.flatMap(({ features }) => (features ? [features] : []))
  return {
    space: featureSpace([...rows, ...known], options),
    order,
    read: [...rows.map(() => false), ...known.map(() => true)],
  }
}
