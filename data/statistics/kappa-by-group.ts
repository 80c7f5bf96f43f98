import { type BootstrapInterval, type BootstrapOptions, bootstrap, type Statistic } from './bootstrap.ts'
import type { Rating } from './kappa.ts'

export interface GroupedKappa extends Pick<BootstrapInterval, 'value' | 'low' | 'high'> {
  /** Items that count: rated by at least two. */
  items: number
  /** Groups that they come from. */
  groups: number
  /** Share of pairs of ratings that agree, as observed; null where nothing was rated twice. */
  observed: number | null
}

/**
 * Agreement of readers beyond chance, with the percentile interval of a bootstrap by group: images of one patient or
 * paper are not independent, which the large-sample intervals of kappa.ts take them to be.
 *
 * `ratings` has a row an item and a column a reader, null where a reader did not rate it. Two readers: Cohen's kappa
 * (1960), each with shares of their own. More: Fleiss' kappa (1971) over the items rated at least twice, readers
 * differing from item to item. `value` is null where chance alone agrees always.
 * @param groups the group of each item.
 */
export function kappaByGroup(
  ratings: readonly (readonly Rating[])[],
  groups: readonly (string | number)[],
  options: BootstrapOptions = {},
): GroupedKappa {
  if (ratings.length !== groups.length)
    throw new RangeError(
      `kappa: ${ratings.length} items and ${groups.length} groups: expected a group an item`,
    )
  const twice = ratings.flatMap((row, at) => (row.filter(each => each != null).length >= 2 ? [at] : []))
  const rows = twice.map(at => ratings[at]!)
  const readers = rows.reduce((most, row) => Math.max(most, row.length), 0)
  const places = new Map<Rating, number>()
  for (const row of rows)
    for (const rating of row) if (rating != null && !places.has(rating)) places.set(rating, places.size)
  const { distinct, times, own } = counted(rows, places, index => groups[twice[index]!]!)
  const statistic = readers === 2 ? cohen(distinct, times, places) : fleiss(distinct, times, places)
  const { value, low, high } = bootstrap(own, statistic, options)
  return { value, low, high, items: rows.length, groups: new Set(own).size, observed: agreeing(rows) }
}

/**
 * Equal rows of a group once, with how often they are there: a group is drawn whole, so that a resample of thousands of
 * items costs as much as the groups times what readers say differently in them.
 */
function counted(
  rows: readonly (readonly Rating[])[],
  places: ReadonlyMap<Rating, number>,
  groupOf: (index: number) => string | number,
): { distinct: (readonly Rating[])[]; times: number[]; own: (string | number)[] } {
  const distinct: (readonly Rating[])[] = []
  const times: number[] = []
  const own: (string | number)[] = []
  const known = new Map<string | number, Map<string, number>>()
  for (const [index, row] of rows.entries()) {
    const group = groupOf(index)
    const inGroup = known.get(group) ?? new Map<string, number>()
    known.set(group, inGroup)
    const key = row.map(rating => (rating == null ? '' : places.get(rating))).join()
    const at = inGroup.get(key)
    if (at !== undefined) {
      times[at]!++
      continue
    }
    inGroup.set(key, distinct.length)
    distinct.push(row)
    times.push(1)
    own.push(group)
  }
  return { distinct, times, own }
}

function cohen(
  rows: readonly (readonly Rating[])[],
  times: readonly number[],
  places: ReadonlyMap<Rating, number>,
): Statistic {
  const size = places.size
  const pairs = rows.map(([first, second]) => [places.get(first)!, places.get(second)!] as const)
  return weights => {
    const one = new Float64Array(size)
    const other = new Float64Array(size)
    let total = 0
    let agreed = 0
    for (let at = 0; at < pairs.length; at++) {
      const weight = weights[at]! * times[at]!
      if (weight === 0) continue
      const [first, second] = pairs[at]!
      total += weight
      one[first]! += weight
      other[second]! += weight
      if (first === second) agreed += weight
    }
    let chance = 0
    for (let at = 0; at < size; at++) chance += (one[at]! / total) * (other[at]! / total)
    return beyond(agreed / total, chance)
  }
}

function fleiss(
  rows: readonly (readonly Rating[])[],
  times: readonly number[],
  places: ReadonlyMap<Rating, number>,
): Statistic {
  const size = places.size
  const shares = new Float64Array(rows.length * size) // [item, category]
  const agreement = new Float64Array(rows.length)
  for (const [at, row] of rows.entries()) {
    const counts = new Float64Array(size)
    let raters = 0
    for (const rating of row) {
      if (rating == null) continue
      counts[places.get(rating)!]!++
      raters++
    }
    for (let category = 0; category < size; category++) {
      const count = counts[category]!
      shares[at * size + category] = count / raters
      agreement[at]! += (count * (count - 1)) / (raters * (raters - 1))
    }
  }
  return weights => {
    const marginal = new Float64Array(size)
    let total = 0
    let observed = 0
    for (let at = 0; at < rows.length; at++) {
      const weight = weights[at]! * times[at]!
      if (weight === 0) continue
      total += weight
      observed += weight * agreement[at]!
      for (let category = 0; category < size; category++)
        marginal[category]! += weight * shares[at * size + category]!
    }
    let chance = 0
    for (const share of marginal) chance += (share / total) ** 2
    return beyond(observed / total, chance)
  }
}

/** Null where all fell into one category: chance agrees always, and nothing can be beyond it. */
const beyond = (observed: number, chance: number) =>
  Number.isFinite(observed) && chance < 1 - 1e-12 ? (observed - chance) / (1 - chance) : null

function agreeing(rows: readonly (readonly Rating[])[]): number | null {
  if (rows.length === 0) return null
  const shares = rows.map(row => {
    const given = row.filter(rating => rating != null)
    let same = 0
    for (let a = 0; a < given.length; a++)
      for (let b = a + 1; b < given.length; b++) if (given[a] === given[b]) same++
    return same / ((given.length * (given.length - 1)) / 2)
  })
  return shares.reduce((sum, share) => sum + share, 0) / shares.length
}
