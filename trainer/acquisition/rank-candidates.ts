import { LesionloopError } from '../../data/errors.ts'
import { seededRandom } from '../../data/statistics/random.ts'
import { learnedHeads } from './learned-heads.ts'
import { byName, named } from './order.ts'
import type { Candidate, Choice, RankOptions, Strategy } from './strategy.ts'
import { leastSureFirst, whyUnsure } from './uncertainty.ts'

/** Candidates a strategy that compares cases looks at; the others follow by margin. */
export const SHORTLIST = 5000

/**
 * Orders candidates by a strategy, whatever their number: of more than `limit`, strategies that compare cases see a
 * shortlist, and the others follow in the order of their margins.
 * @throws LesionloopError `pool-empty`, `pool-exhausted`, `case-twice`, `features-missing`, `draws-missing`.
 */
export function rankCandidates(
  strategy: Strategy,
  candidates: readonly Candidate[],
  options: RankOptions,
  limit = SHORTLIST,
): Choice[] {
  checkPool(strategy, candidates, options)
  if (candidates.length <= limit || !looksClosely(strategy)) return strategy.rank(candidates, options)
  const places = strategy.shortlist
    ? strategy.shortlist(candidates, options, limit)
    : seededRandom(options.seed).fork('shortlist').sample(named(candidates), limit)
  const ranked = strategy.rank(
    places.map(at => candidates[at]!),
    options,
  )
  const least = Math.min(...ranked.map(one => one.score))
  const listed = new Set(places)
  return [
    ...ranked.map(one => ({ ...one, candidate: places[one.candidate]! })),
    ...byMargin(candidates, options, at => !listed.has(at)).map(one => ({
      ...one,
      score: least * one.score,
    })),
  ]
}

const looksClosely = (strategy: Strategy) =>
  strategy.shortlist !== undefined || strategy.needs.includes('features')

function byMargin(
  candidates: readonly Candidate[],
  options: RankOptions,
  isIn: (at: number) => boolean,
): Choice[] {
  const heads = learnedHeads(options)
  return candidates
    .flatMap((candidate, at) => {
      if (!isIn(at)) return []
      const unsure = leastSureFirst(candidate, heads)
      const margin = unsure[0] ? 1 - Math.abs(2 * unsure[0].probability - 1) : 0
      return [
        {
          candidate: at,
          score: margin,
          head: unsure[0]?.head ?? options.wanted?.[0] ?? ('flag' as const),
          why: `not on the shortlist; ${whyUnsure(unsure)}`,
        },
      ]
    })
    .sort((one, other) => other.score - one.score || byName(candidates)(one.candidate, other.candidate))
}

function checkPool(
  strategy: Strategy,
  candidates: readonly Candidate[],
  { draws, read = [] }: RankOptions,
): void {
  if (candidates.length === 0)
    throw read.length > 0
      ? new LesionloopError(
          'pool-exhausted',
          `pool: exhausted: all ${read.length} cases outside validation and test are read, none is left to ask for; mine more documents`,
        )
      : new LesionloopError(
          'pool-empty',
          'pool: empty: no case outside validation and test: at least one was expected; mine documents or import a dataset',
        )
  const seen = new Set<string>()
  for (const { case: id } of candidates) {
    if (seen.has(id))
      throw new LesionloopError(
        'case-twice',
        `pool: ${id}: twice among the candidates: expected each case once`,
      )
    seen.add(id)
  }
  if (strategy.needs.includes('draws') && !draws?.length)
    throw new LesionloopError(
      'draws-missing',
      `strategy: ${strategy.name}: it compares the model's answers under dropout, and there are none; run a cycle with --strategy ${strategy.name}, or rank with entropy or margin`,
    )
}
