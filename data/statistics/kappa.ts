import { quantileNormal } from './normal.ts'

export interface Kappa {
  /** null where it can't be had: no item rated twice, or chance alone agrees always (one category only). */
  value: number | null
  low: number | null
  high: number | null
  /** Large-sample standard error. */
  standardError: number | null
  /** Items that count: rated by both, or by at least two. */
  items: number
  /** Share of agreement as observed. */
  observed: number | null
}

/** null: not rated. */
export type Rating = string | number | boolean | null | undefined

const none = (items: number, observed: number | null): Kappa => ({
  value: null,
  low: null,
  high: null,
  standardError: null,
  items,
  observed,
})

function withInterval(
  value: number,
  variance: number,
  items: number,
  observed: number,
  level: number,
): Kappa {
  const standardError = Math.sqrt(Math.max(0, variance))
  const reach = quantileNormal((1 + level) / 2) * standardError
  return {
    value,
    low: Math.max(-1, value - reach),
    high: Math.min(1, value + reach),
    standardError,
    items,
    observed,
  }
}

/**
 * Cohen's kappa of two readers over the items both rated (Cohen 1960), with the large-sample interval of Fleiss,
 * Cohen and Everitt (1969).
 */
export function cohenKappa(first: readonly Rating[], second: readonly Rating[], level = 0.95): Kappa {
  if (first.length !== second.length)
    throw new RangeError(
      `kappa: ${first.length} and ${second.length} ratings: expected as many of each reader`,
    )
  const pairs: [number, number][] = []
  const places = new Map<Rating, number>()
  const place = (rating: Rating) => {
    if (!places.has(rating)) places.set(rating, places.size)
    return places.get(rating)!
  }
  first.forEach((rating, at) => {
    const other = second[at]
    if (rating == null || other == null) return
    pairs.push([place(rating), place(other)])
  })
  const n = pairs.length
  if (n === 0) return none(0, null)
  const size = places.size
  const table = Array.from({ length: size }, () => new Float64Array(size))
  const rows = new Float64Array(size)
  const columns = new Float64Array(size)
  for (const [row, column] of pairs) {
    table[row]![column]! += 1 / n
    rows[row]! += 1 / n
    columns[column]! += 1 / n
  }
  let observed = 0
  let chance = 0
  for (let at = 0; at < size; at++) {
    observed += table[at]![at]!
    chance += rows[at]! * columns[at]!
  }
  if (size === 1) return none(n, observed)
  const kappa = (observed - chance) / (1 - chance)
  let diagonal = 0
  let rest = 0
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const share = table[row]![column]!
      if (row === column) diagonal += share * (1 - (rows[row]! + columns[row]!) * (1 - kappa)) ** 2
      else rest += share * (columns[row]! + rows[column]!) ** 2
    }
  const variance =
    (diagonal + (1 - kappa) ** 2 * rest - (kappa - chance * (1 - kappa)) ** 2) / ((1 - chance) ** 2 * n)
  return withInterval(kappa, variance, n, observed, level)
}

/**
 * Fleiss' kappa of any number of readers, who may differ from item to item (Fleiss 1971), with Gwet's large-sample
 * variance (Gwet 2021, "Large-sample variance of Fleiss generalized kappa"). An item rated once counts for the
 * shares of the categories only.
 */
export function fleissKappa(ratings: readonly (readonly Rating[])[], level = 0.95): Kappa {
  const categories = [...new Set(ratings.flat().filter(rating => rating != null))]
  const items = ratings
    .map(item => item.filter(rating => rating != null))
    .filter(item => item.length > 0)
    .map(item => ({
      counts: categories.map(category => item.filter(rating => rating === category).length),
      raters: item.length,
    }))
  const n = items.length
  const twice = items.filter(item => item.raters >= 2).length
  if (twice === 0) return none(0, null)
  const agreement = (item: (typeof items)[number]) =>
    item.raters < 2
      ? 0
      : item.counts.reduce((sum, count) => sum + count * (count - 1), 0) / (item.raters * (item.raters - 1))
  const observed = items.reduce((sum, item) => sum + agreement(item), 0) / twice
  if (categories.length === 1) return none(twice, observed)
  const shares = categories.map(
    (_, at) => items.reduce((sum, item) => sum + item.counts[at]! / item.raters, 0) / n,
  )
  const chance = shares.reduce((sum, share) => sum + share * share, 0)
  const kappa = (observed - chance) / (1 - chance)
  // Each item's own kappa, corrected for its pull on the category shares; their spread gives the variance.
  let spread = 0
  for (const item of items) {
    const own = item.raters < 2 ? 0 : ((n / twice) * (agreement(item) - chance)) / (1 - chance)
    const pull = shares.reduce((sum, share, at) => sum + (share * item.counts[at]!) / item.raters, 0)
    const corrected = own - (2 * (1 - kappa) * (pull - chance)) / (1 - chance)
    spread += (corrected - kappa) ** 2
  }
  if (n < 2) return { ...none(twice, observed), value: kappa }
  return withInterval(kappa, spread / (n * (n - 1)), twice, observed, level)
}
