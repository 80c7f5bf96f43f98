import { z } from 'zod'
import type { CaseState } from '../records/case.ts'
import { HEADS, type Head, LESIONS, SIDES, type Side } from '../records/vocabulary.ts'
import { seededRandom } from '../statistics/random.ts'
import { caseGroups, type GroupedCase, type LinkedDouble } from './groups.ts'
import { sidesThatHold } from './sides-that-hold.ts'
import { distribute } from './stratify.ts'

export const splitWarning = z.object({ code: z.string(), message: z.string(), items: z.array(z.string()) })
export type SplitWarning = z.infer<typeof splitWarning>

/** splits.json: the side and the group of every case. */
export const splitRecord = z.object({
  /** `official`: the sides came with an imported dataset; `stratified`: made here. */
  kind: z.enum(['official', 'stratified']),
  seed: z.int(),
  ratios: z.object({ train: z.number(), val: z.number(), test: z.number() }),
  cases: z.record(z.string(), z.object({ side: z.enum(SIDES), group: z.string() })),
  warnings: z.array(splitWarning),
})
export type SplitRecord = z.infer<typeof splitRecord>

/** The paper's ratios (medRxiv 2020.05.11.20097907). */
export const PAPER_RATIOS: Record<Side, number> = { train: 0.6, val: 0.15, test: 0.25 }

export type SplitCase = GroupedCase & Pick<CaseState, 'truth' | 'officialSide'>

export interface SplitOptions {
  ratios?: Record<Side, number>
  seed?: number
  doubles?: readonly LinkedDouble[]
}

/** Whether a head is positive; null: unknown or masked. */
export function headValue(truth: CaseState['truth'], head: Head): boolean | null {
  const value = head === 'flag' ? truth.flag.value : truth.lesions[head].value
  return value === null ? null : value === 'positive' || value === 'present'
}

/**
 * A split by group (patient, document and linked doubles together), stratified over the flag and the five lesions.
 * Sides where a lesion has no positive are named in its warnings.
 */
export function stratifiedSplit(cases: readonly SplitCase[], options: SplitOptions = {}): SplitRecord {
  const { ratios = PAPER_RATIOS, seed = 1, doubles = [] } = options
  const ordered = [...cases].sort((one, other) => (one.id < other.id ? -1 : 1))
  const groups = caseGroups(ordered, doubles)
  const names = [...new Set(groups.values())]
  const place = new Map(names.map((name, at) => [name, at]))
  // Negatives of the flag are a label of their own, so that controls are spread as well.
  const strata = names.map(() => ({ size: 0, counts: new Array<number>(HEADS.length + 1).fill(0) }))
  for (const row of ordered) {
    const stratum = strata[place.get(groups.get(row.id)!)!]!
    stratum.size++
    HEADS.forEach((head, at) => {
      if (headValue(row.truth, head)) stratum.counts[at]!++
    })
    if (headValue(row.truth, 'flag') === false) stratum.counts[HEADS.length]!++
  }
  const sides = distribute(
    strata,
    SIDES.map(side => ratios[side]),
    seededRandom(seed),
  )
  const sideOf = (id: string) => SIDES[sides[place.get(groups.get(id)!)!]!]!
  return record('stratified', ordered, groups, row => sideOf(row.id), ratios, seed)
}

/**
 * The split that came with an imported dataset, kept as it is, leaks and all (they stand in its warnings). Cases
 * without an official side go with their doubles, else with their group, else to train, where they do no harm to what is
 * measured.
 */
export function officialSplit(cases: readonly SplitCase[], options: SplitOptions = {}): SplitRecord {
  const ordered = [...cases].sort((one, other) => (one.id < other.id ? -1 : 1))
  const { groups, sideOf } = sidesThatHold(ordered, {}, options.doubles ?? [])
  const counts = SIDES.map(side => ordered.filter(row => sideOf(row) === side).length / (ordered.length || 1))
  const ratios = { train: counts[0]!, val: counts[1]!, test: counts[2]! }
  return record('official', ordered, groups, sideOf, ratios, options.seed ?? 1)
}

/**
 * Takes cases that came since into a split: a case goes with its group, a new group to train, so that validation and
 * test stay what they were. Where something new ties two groups of different sides (a double of a picture in each, a
 * patient told apart later), the cases of the one go over to the side that is held out more, and a warning says so:
 * nothing that was ever held out comes to train. Cases that are no more are left out.
 */
export function extendSplit(
  split: SplitRecord,
  cases: readonly SplitCase[],
  doubles: readonly LinkedDouble[] = [],
): SplitRecord {
  const ordered = [...cases].sort((one, other) => (one.id < other.id ? -1 : 1))
  const { groups, sideOf } = sidesThatHold(ordered, split.cases, doubles)
  const moves = movesFrom(split.cases, ordered, sideOf)
  const extended = record(split.kind, ordered, groups, sideOf, split.ratios, split.seed)
  return { ...extended, warnings: [...extended.warnings, ...moves] }
}

function record<C extends SplitCase>(
  kind: SplitRecord['kind'],
  cases: readonly C[],
  groups: Map<string, string>,
  sideOf: (row: C) => Side,
  ratios: Record<Side, number>,
  seed: number,
): SplitRecord {
  const placed = Object.fromEntries(
    cases.map(row => [row.id, { side: sideOf(row), group: groups.get(row.id)! }] as const),
  )
  return {
    kind,
    seed,
    ratios,
    cases: placed,
    warnings: [...missingPositives(cases, placed), ...leaks(placed, cases)],
  }
}

type Placed = SplitRecord['cases']

/** A warning for each head that has no positive on a side: what is measured there is n/a, never 0 or 1. */
export function missingPositives(cases: readonly SplitCase[], placed: Placed): SplitWarning[] {
  const warnings: SplitWarning[] = []
  for (const side of SIDES) {
    const here = cases.filter(row => placed[row.id]?.side === side)
    if (here.length === 0) {
      if (cases.length > 0)
        warnings.push({
          code: 'side-empty',
          message: `split: ${side}: no case; take in more groups`,
          items: [],
        })
      continue
    }
    const missing = HEADS.filter(head => !here.some(row => headValue(row.truth, head)))
    if (missing.length > 0)
      warnings.push({
        code: 'no-positive',
        message: `split: ${side}: no positive of ${missing.join(', ')} among ${here.length} cases; what is measured of it there is n/a`,
        items: missing,
      })
  }
  return warnings
}

/** Documents, patients, pictures and linked groups with cases on more than one side: what is measured there flatters. */
export function leaks(placed: Placed, cases: readonly GroupedCase[]): SplitWarning[] {
  const found: SplitWarning[] = []
  const judge = (noun: 'document' | 'patient' | 'image', keyOf: (row: GroupedCase) => string | null) => {
    const sides = new Map<string, Map<Side, number>>()
    for (const row of cases) {
      const key = keyOf(row)
      const side = placed[row.id]?.side
      if (key === null || side === undefined) continue
      const counts = sides.get(key) ?? new Map<Side, number>()
      counts.set(side, (counts.get(side) ?? 0) + 1)
      sides.set(key, counts)
    }
    for (const [key, counts] of [...sides].sort(([one], [other]) => (one < other ? -1 : 1))) {
      if (counts.size < 2) continue
      const where = SIDES.filter(side => counts.has(side)).map(side => `${side} ${counts.get(side)}`)
      found.push({
        code: `leak-${noun}`,
        message: `split: ${noun} ${key}: on more than one side (${where.join(', ')}); measure on a split by group too`,
        items: [key],
      })
    }
  }
  judge('document', row => row.document)
  // A patient who is only a document by another name was told of above.
  judge('patient', row => (row.patient === row.document ? null : row.patient))
  judge('image', row => row.image)
  const joined = new Map<string, Set<Side>>()
  for (const { side, group } of Object.values(placed))
    joined.set(group, (joined.get(group) ?? new Set()).add(side))
  const torn = [...joined].filter(([, sides]) => sides.size > 1).map(([group]) => group)
  if (torn.length > 0)
    found.push({
      code: 'leak-group',
      message: `split: ${torn.length} groups (patient, document and doubles together) are on more than one side`,
      items: torn.sort(),
    })
  return found
}

/** Cases of each side, and of each head its positives there. */
export function splitCounts(split: SplitRecord, cases: readonly SplitCase[]) {
  return Object.fromEntries(
    SIDES.map(side => {
      const here = cases.filter(row => split.cases[row.id]?.side === side)
      const positives = Object.fromEntries(
        ['flag' as const, ...LESIONS].map(head => [
          head,
          here.filter(row => headValue(row.truth, head)).length,
        ]),
      ) as Record<Head, number>
      return [side, { cases: here.length, positives }]
    }),
  ) as Record<Side, { cases: number; positives: Record<Head, number> }>
}

/** A warning for each way in which cases changed sides, with their number. */
function movesFrom(
  before: Placed,
  cases: readonly SplitCase[],
  sideOf: (row: SplitCase) => Side,
): SplitWarning[] {
  const moved = new Map<string, string[]>()
  for (const row of cases) {
    const was = before[row.id]?.side
    const is = sideOf(row)
    if (was !== undefined && was !== is)
      moved.set(`${was} to ${is}`, [...(moved.get(`${was} to ${is}`) ?? []), row.id])
  }
  return [...moved].map(([way, ids]) => ({
    code: 'moved',
    message: `split: ${ids.length} ${ids.length === 1 ? 'case' : 'cases'} moved from ${way}, where a double or another case of the patient or paper stands; earlier cycles may have learned from them`,
    items: ids,
  }))
}
