import { SIDES, type Side } from '../records/vocabulary.ts'
import { caseGroups, type LinkedDouble } from './groups.ts'
import type { SplitCase } from './split.ts'

/** Of two sides the one that is held out more: what was once measured on must never be learned from. */
const heldOutMore = (one: Side | undefined, other: Side): Side =>
  one !== undefined && SIDES.indexOf(one) > SIDES.indexOf(other) ? one : other

/**
 * The side of each case where some have one: a group stands where its most held-out case stands. A published dataset's
 * own side is never changed; where it tears a group apart, a case follows the pictures that show its slice.
 * @param placed sides as they were. @param cases in the order of their ids.
 */
export function sidesThatHold(
  cases: readonly SplitCase[],
  placed: Readonly<Record<string, { side: Side }>>,
  doubles: readonly LinkedDouble[],
): { groups: Map<string, string>; sideOf: (row: SplitCase) => Side } {
  const groups = caseGroups(cases, doubles)
  // The same picture or a linked one; by themselves, without patient and paper.
  const slices = caseGroups(
    cases.map(row => ({ ...row, document: null, patient: row.id })),
    doubles,
  )
  const before = (row: SplitCase) => placed[row.id]?.side ?? row.officialSide
  const isFixed = (row: SplitCase) => row.officialSide !== undefined && before(row) === row.officialSide
  const [first, fixed, torn] = [new Map<string, Side>(), new Map<string, Side>(), new Set<string>()]
  const [ofGroup, ofSlice] = [new Map<string, Side>(), new Map<string, Side>()]
  for (const row of cases) {
    const side = before(row)
    if (side === undefined) continue
    const [group, slice] = [groups.get(row.id)!, slices.get(row.id)!]
    if (!first.has(group)) first.set(group, side)
    ofGroup.set(group, heldOutMore(ofGroup.get(group), side))
    ofSlice.set(slice, heldOutMore(ofSlice.get(slice), side))
    if (!isFixed(row)) continue
    if ((fixed.get(group) ?? side) !== side) torn.add(group)
    fixed.set(group, side)
  }
  const sideOf = (row: SplitCase): Side => {
    if (isFixed(row)) return row.officialSide!
    const group = groups.get(row.id)!
    if (!torn.has(group)) return ofGroup.get(group) ?? 'train'
    return ofSlice.get(slices.get(row.id)!) ?? first.get(group) ?? 'train'
  }
  return { groups, sideOf }
}
