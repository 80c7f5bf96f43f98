import type { CaseState } from '../records/case.ts'
import type { CheckFinding } from '../records/check.ts'
import { SIDES, type Side } from '../records/vocabulary.ts'
import { type LinkedDouble, paperOf } from '../splits/groups.ts'
import type { SplitRecord } from '../splits/split.ts'
import { counted, listed } from './findings.ts'
import { groupedBy } from './grouped-by.ts'

type Row = Pick<CaseState, 'id' | 'document' | 'patient' | 'image'>

/**
 * What stands on more than one side of the split: papers, patients, pictures, and pictures of one slice. A model is then
 * measured on what it has seen.
 */
export function leakFindings(
  cases: readonly Row[],
  split: SplitRecord | undefined,
  doubles: readonly LinkedDouble[],
): CheckFinding[] {
  if (!split) return []
  const sideOf = (row: Row) => split.cases[row.id]?.side
  const across = (keyOf: (row: Row) => string | null) => acrossSides(cases, keyOf, sideOf)
  const found: CheckFinding[] = []
  const tell = (code: string, noun: string, torn: ReturnType<typeof across>) => {
    if (torn.length === 0) return
    const named = torn.map(({ key, where }) => `${key} (${where})`)
    found.push({
      code,
      severity: 'severe',
      message: `${counted(torn.length, noun)} with cases on more than one side of the split: ${listed(named)}`,
      todo: 'make a split by group with `lesionloop split`, or name the leak beside every figure',
      items: torn.map(({ key }) => key),
      details: { sides: Object.fromEntries(torn.map(({ key, counts }) => [key, counts])) },
    })
  }
  tell(
    'leak-paper',
    'paper',
    across(({ document }) => document && paperOf(document)),
  )
  tell(
    'leak-patient',
    'patient',
    across(({ patient, document }) => (patient === document ? null : patient)),
  )
  tell(
    'leak-picture',
    'picture',
    across(({ image }) => image),
  )
  const byImage = groupedBy(cases, ({ image }) => image)
  const sides = (image: string) => [...new Set((byImage.get(image) ?? []).map(sideOf))]
  const torn = doubles.filter(({ one, other }) =>
    sides(one).some(side => sides(other).some(second => side && second && side !== second)),
  )
  if (torn.length > 0) {
    const ids = (image: string) => (byImage.get(image) ?? []).map(row => `${row.id} (${sideOf(row)})`)
    const named = torn.map(({ one, other }) => `${ids(one).join(', ')} = ${ids(other).join(', ')}`)
    found.push({
      code: 'leak-double',
      severity: 'severe',
      message: `${counted(torn.length, 'pair')} of pictures that show the same slice stand on different sides: ${listed(named)}`,
      todo: 'leave one of each pair out, or measure on a split made with these links; a wrong link is taken apart by `lesionloop duplicates --unlink`',
      items: torn.flatMap(({ one, other }) =>
        [one, other].flatMap(id => byImage.get(id)!.map(row => row.id)),
      ),
    })
  }
  return found
}

/** Keys with cases on more than one side, in order, with how many on each. */
function acrossSides(
  cases: readonly Row[],
  keyOf: (row: Row) => string | null,
  sideOf: (row: Row) => Side | undefined,
) {
  const sides = new Map<string, Partial<Record<Side, number>>>()
  for (const row of cases) {
    const [key, side] = [keyOf(row), sideOf(row)]
    if (key === null || side === undefined) continue
    const counts = sides.get(key) ?? {}
    counts[side] = (counts[side] ?? 0) + 1
    sides.set(key, counts)
  }
  return [...sides]
    .filter(([, counts]) => Object.keys(counts).length > 1)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, counts]) => ({
      key,
      counts,
      where: SIDES.flatMap(side => (counts[side] ? [`${side} ${counts[side]}`] : [])).join(', '),
    }))
}
