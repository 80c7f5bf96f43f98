import type { Random } from '../statistics/random.ts'

/** A group to be placed as a whole: its cases, and how many of them are positive for each label. */
export interface StratumGroup {
  size: number
  counts: readonly number[]
}

/**
 * Iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011) of whole groups: the rarest label first, each of
 * its groups goes to the side that still wants most of that label. Departures for groups: the largest are placed
 * first, and where no more groups are left than sides without the label, these sides come first, so that every label
 * is on every side where there are groups enough.
 * @param shares of each side; they are made to add up to 1.
 * @returns the side of each group, as an index into `shares`.
 */
export function distribute(
  groups: readonly StratumGroup[],
  shares: readonly number[],
  random: Random,
): Int32Array {
  const wholeShare = shares.reduce((sum, share) => sum + share, 0)
  const labels = groups[0]?.counts.length ?? 0
  const total = groups.reduce((sum, group) => sum + group.size, 0)
  const wanted = shares.map(share => (share / wholeShare) * total)
  const wantedOf = Array.from({ length: labels }, (_, label) => {
    const all = groups.reduce((sum, group) => sum + group.counts[label]!, 0)
    return shares.map(share => (share / wholeShare) * all)
  })
  const has = Array.from({ length: labels }, () => shares.map(() => false))
  const sides = new Int32Array(groups.length).fill(-1)
  const waiting = new Set(groups.keys())
  const chance = random.shuffle(groups.map((_, at) => at))

  const place = (group: number, side: number) => {
    sides[group] = side
    waiting.delete(group)
    wanted[side]! -= groups[group]!.size
    groups[group]!.counts.forEach((count, label) => {
      wantedOf[label]![side]! -= count
      if (count > 0) has[label]![side] = true
    })
  }
  /** The side of those allowed that wants most, first by label, then by cases, then by chance. */
  const hungriest = (allowed: readonly number[], label: number | null) => {
    const order = random.shuffle(allowed)
    const want = (side: number) => [label === null ? 0 : wantedOf[label]![side]!, wanted[side]!] as const
    return order.reduce((best, side) => {
      const [label1, all1] = want(side)
      const [label0, all0] = want(best)
      return label1 > label0 + 1e-9 || (Math.abs(label1 - label0) <= 1e-9 && all1 > all0 + 1e-9) ? side : best
    })
  }
  // A side of share 0 takes nothing.
  const open = shares.map((_, side) => side).filter(side => shares[side]! > 0)

  for (;;) {
    let rarest: { label: number; cases: number } | null = null
    for (let label = 0; label < labels; label++) {
      let cases = 0
      for (const group of waiting) cases += groups[group]!.counts[label]!
      if (cases > 0 && (rarest === null || cases < rarest.cases)) rarest = { label, cases }
    }
    if (rarest === null) break
    const { label } = rarest
    const members = chance
      .filter(group => waiting.has(group) && groups[group]!.counts[label]! > 0)
      .sort((one, other) => groups[other]!.counts[label]! - groups[one]!.counts[label]!)
    members.forEach((group, at) => {
      const lacking = open.filter(side => !has[label]![side])
      const must = lacking.length > 0 && members.length - at <= lacking.length
      place(group, hungriest(must ? lacking : open, label))
    })
  }
  const rest = chance.filter(group => waiting.has(group)).sort((a, b) => groups[b]!.size - groups[a]!.size)
  for (const group of rest) place(group, hungriest(open, null))
  return sides
}
