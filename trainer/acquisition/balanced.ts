import { seededRandom } from '../../data/statistics/random.ts'
import { DEFAULT_BATCH } from './batch-size.ts'
import { DiverseBatch } from './diverse-batch.ts'
import { type HeadNeed, headNeeds, nextHead } from './head-needs.ts'
import { whyAsked } from './head-questions.ts'
import { noveltyIn } from './novelty.ts'
import { highest, named, placeScore } from './order.ts'
import { type PoolSpace, poolSpace } from './pool-space.ts'
import type { Candidate, Choice, RankOptions, Strategy } from './strategy.ts'
import { type TypicalRow, typicalOrder } from './typical-cases.ts'
import { whyTypical } from './typiclust.ts'

/** Until so many cases were read, typical ones are asked for: the heads know too little to be unsure of anything. */
const COLD_START = 20

/**
 * The default. A cold start by typical cases (TypiClust), which covers the pool; then margin sampling head by head
 * with diversity. Places of the batch go to the flag and the lesions by need, the rarest positives first; a head no
 * expert has read a positive of asks for likely positives by text. Within a head, worth is 1 − margin, times how
 * unlike everything read and chosen the case is, less for every case of its patient or paper among those. Without
 * features it goes by margin and group alone.
 */
export const balancedStrategy: Strategy = {
  name: 'balanced',
  about: 'typical cases first, then for each head by its need the least sure, unlike each other',
  needs: [],
  shortlist(candidates, options, limit) {
    const needs = headNeeds(candidates, options)
    if (needs.length === 0 || isCold(options))
      return seededRandom(options.seed).fork('shortlist').sample(named(candidates), limit)
    const each = Math.floor(limit / needs.length)
    return [
      ...new Set(needs.flatMap(need => highest(Float64Array.from(candidates, need.worth), each, candidates))),
    ]
  },
  rank(candidates, options) {
    const { seed, read = [], batch = DEFAULT_BATCH } = options
    const pool = candidates.every(one => one.features)
      ? poolSpace(candidates, read, { unit: true, strategy: 'balanced' })
      : null
    const order = pool?.order ?? named(candidates)
    const rows = order.map(at => candidates[at]!)
    const size = Math.min(batch, rows.length)
    const needs = headNeeds(rows, options)
    const diverse = new DiverseBatch(rows, pool && noveltyIn(pool.space, rows.length, seed), read)
    const choices: Unscored[] = []
    const take = (row: number, head: Choice['head'], why: string) => {
      diverse.take(row)
      choices.push({ candidate: order[row]!, head, why })
    }

    const first = needs[0]?.head ?? options.wanted?.[0] ?? 'flag'
    for (const one of coldStart(pool, needs, size, options)) take(one.row, first, whyTypical(one))
    const given = new Map<HeadNeed, number>()
    let asking = needs
    while (choices.length < size && asking.length > 0) {
      const need = nextHead(asking, given)
      const row = diverse.best(at => need.worth(rows[at]!))
      // Nothing is left that is worth a place to this head: the others share its places.
      if (row === null) asking = asking.filter(one => one !== need)
      else {
        given.set(need, (given.get(need) ?? 0) + 1)
        take(row, need.head, whyAsked(rows[row]!, need, diverse.noveltyOf(row)))
      }
    }
    const rest = rows.flatMap((candidate, row) =>
      diverse.has(row) ? [] : [afterwards(candidate, order[row]!, needs)],
    )
    rest.sort((one, other) => other.worth - one.worth)
    return [...choices, ...rest.map(({ choice }) => choice)].map((choice, place) => ({
      ...choice,
      score: placeScore(place, rows.length),
    }))
  },
}

type Unscored = Omit<Choice, 'score'>

const isCold = ({ read = [] }: RankOptions) => read.length < COLD_START

/** The typical cases that are asked for before the heads are: all of the batch where no head can ask. */
function coldStart(
  pool: PoolSpace | null,
  needs: readonly HeadNeed[],
  size: number,
  { seed, read = [] }: RankOptions,
): TypicalRow[] {
  const count = needs.length === 0 ? size : Math.min(size, COLD_START - read.length)
  if (!pool || count <= 0) return []
  return typicalOrder(pool.space, pool.read, count, seededRandom(seed).fork('cold start')).slice(0, count)
}

/** A case behind the batch: for the head it is worth most to. */
function afterwards(candidate: Candidate, at: number, needs: readonly HeadNeed[]) {
  const best = needs
    .map(need => ({ need, worth: need.share * need.worth(candidate) }))
    .reduce<{ need: HeadNeed; worth: number } | null>(
      (most, one) => (most && most.worth >= one.worth ? most : one),
      null,
    )
  const choice: Unscored = best
    ? { candidate: at, head: best.need.head, why: whyAsked(candidate, best.need, null) }
    : { candidate: at, head: 'flag', why: 'no head was learned yet' }
  return { choice, worth: best?.worth ?? 0 }
}
