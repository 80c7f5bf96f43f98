import { z } from 'zod'

const split = z.looseObject({ cases: z.record(z.string(), z.unknown()) })
const duplicates = z.looseObject({
  links: z.array(z.looseObject({ one: z.string(), other: z.string() })),
  apart: z.array(z.looseObject({ one: z.string(), other: z.string() })),
  decisions: z.array(z.unknown()),
  compared: z.array(z.string()),
})

/**
 * Puts together what two machines wrote of one record at the same time, where that has a meaning: of a split, cases keep
 * the side they were given first; of doubles, links, decisions and comparisons add up, and what a person took apart
 * stays apart. Any other record is for whoever writes it to do again.
 * @returns undefined where it can't be merged.
 */
export function mergedRecord(key: string, there: unknown, ours: unknown): unknown {
  if (key.endsWith('/splits.json')) {
    const [one, other] = [split.safeParse(there), split.safeParse(ours)]
    if (!one.success || !other.success) return undefined
    return { ...other.data, ...one.data, cases: { ...other.data.cases, ...one.data.cases } }
  }
  if (key.endsWith('/duplicates.json')) {
    const [one, other] = [duplicates.safeParse(there), duplicates.safeParse(ours)]
    if (!one.success || !other.success) return undefined
    const apart = joined(one.data.apart, other.data.apart, pair)
    const taken = new Set(apart.map(pair))
    const links = joined(one.data.links, other.data.links, pair).filter(link => !taken.has(pair(link)))
    return {
      ...other.data,
      links,
      apart,
      decisions: joined(one.data.decisions, other.data.decisions, JSON.stringify),
      compared: [...new Set([...one.data.compared, ...other.data.compared])],
    }
  }
  return undefined
}

const pair = ({ one, other }: { one: string; other: string }) => [one, other].sort().join(' ')

function joined<T>(first: readonly T[], second: readonly T[], of: (one: T) => string): T[] {
  const all = new Map(first.map(one => [of(one), one]))
  for (const one of second) if (!all.has(of(one))) all.set(of(one), one)
  return [...all.values()]
}
