import { quantileSorted } from './quantile.ts'
import { seededRandom } from './random.ts'

/**
 * A statistic as a function of how often each item was drawn; null where it can't be had of that draw (one class
 * only). `aucOf` and `averagePrecisionOf` make such functions with the sorting done once.
 */
export type Statistic = (weights: Float64Array) => number | null

export interface BootstrapOptions {
  /** Resamples; default 2000. */
  samples?: number
  seed?: number
  /** Width of the interval; default 0.95. */
  level?: number
}

export interface BootstrapInterval {
  /** The statistic of the data themselves. */
  value: number | null
  /** null where no interval can be had: no value, fewer than two groups, or hardly a usable resample. */
  low: number | null
  high: number | null
  /** Resamples used, and those left out because the statistic could not be had of them. */
  samples: number
  skipped: number
}

/**
 * Percentile bootstrap by group (Efron 1979; whole groups are drawn with replacement, since images of one patient
 * or paper are not independent). `groups` names the group of every item.
 */
export function bootstrap(
  groups: ArrayLike<string | number>,
  statistic: Statistic,
  options: BootstrapOptions = {},
): BootstrapInterval {
  return bootstrapEach(groups, { value: statistic }, options).value
}

/** Several statistics over the same resamples, so that they may be compared. */
export function bootstrapEach<K extends string>(
  groups: ArrayLike<string | number>,
  statistics: Record<K, Statistic>,
  options: BootstrapOptions = {},
): Record<K, BootstrapInterval> {
  const { samples = 2000, seed = 1, level = 0.95 } = options
  const names = Object.keys(statistics) as K[]
  const once = new Float64Array(groups.length).fill(1)
  const drawn = new Map(names.map(name => [name, [] as number[]]))
  const members = membersByGroup(groups)
  if (members.length >= 2) {
    const random = seededRandom(seed)
    const weights = new Float64Array(groups.length)
    for (let sample = 0; sample < samples; sample++) {
      weights.fill(0)
      for (let draw = 0; draw < members.length; draw++)
        for (const item of members[random.integer(members.length)]!) weights[item]! += 1
      for (const name of names) {
        const value = statistics[name](weights)
        if (value !== null) drawn.get(name)?.push(value)
      }
    }
  }
  const interval = (name: K): BootstrapInterval => {
    const values = Float64Array.from(drawn.get(name) ?? []).sort()
    const value = groups.length === 0 ? null : statistics[name](once)
    const usable = value !== null && values.length >= Math.max(1, Math.min(20, samples))
    return {
      value,
      low: usable ? quantileSorted(values, (1 - level) / 2) : null,
      high: usable ? quantileSorted(values, (1 + level) / 2) : null,
      samples: values.length,
      skipped: members.length >= 2 ? samples - values.length : 0,
    }
  }
  return Object.fromEntries(names.map(name => [name, interval(name)])) as Record<K, BootstrapInterval>
}

/**
 * Paired bootstrap of a difference: both statistics are taken of the same resample, and the interval is that of
 * first − second. It lies wholly below zero where the first is worse.
 */
export function bootstrapDifference(
  groups: ArrayLike<string | number>,
  first: Statistic,
  second: Statistic,
  options: BootstrapOptions = {},
): BootstrapInterval {
  const difference: Statistic = weights => {
    const one = first(weights)
    const other = second(weights)
    return one === null || other === null ? null : one - other
  }
  return bootstrap(groups, difference, options)
}

/** Items of each group, groups in order of their first item. */
function membersByGroup(groups: ArrayLike<string | number>): number[][] {
  const members = new Map<string | number, number[]>()
  for (let at = 0; at < groups.length; at++) {
    const list = members.get(groups[at]!)
    if (list) list.push(at)
    else members.set(groups[at]!, [at])
  }
  return [...members.values()]
}
