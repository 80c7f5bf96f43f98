import type { CaseState } from '../../data/records/case.ts'
import type { ComparedSide } from '../../data/records/comparison.ts'
import type { Prediction } from '../../data/records/cycle.ts'
import type { SplitRecord } from '../../data/splits/split.ts'
import { probabilitiesOf } from '../cycle/predict.ts'
import { type HeadTruth, type TeachingOptions, truths } from '../fit/targets.ts'

/** A case as two cycles scored it on the same side, with its truth as it stands now, in the order of `HEADS`. */
export interface Pair {
  state: CaseState
  /** Patient, document and linked doubles together. */
  group: string
  truth: HeadTruth[]
  before: number[]
  after: number[]
}

export interface PairedSide {
  side: ComparedSide
  pairs: Pair[]
  /** Cases that one of the two alone scored there, or that are no longer in the workspace. */
  onlyBefore: number
  onlyAfter: number
}

export const COMPARED_SIDES = ['test', 'val', 'oof'] as const satisfies ComparedSide[]

/**
 * The cases both cycles scored on the same side, each by heads that had not seen it: where the sides differ between the
 * two, what lies in both. A case that a newer version of its document took over counts under its new id.
 */
export function pairCases(
  before: readonly Prediction[],
  after: readonly Prediction[],
  { states, split }: { states: readonly CaseState[]; split: Pick<SplitRecord, 'cases'> },
  teaching: Pick<TeachingOptions, 'unmentioned'>,
): PairedSide[] {
  const now = new Map<string, CaseState>()
  for (const state of states) for (const old of state.supersedes ?? []) now.set(old, state)
  for (const state of states) now.set(state.id, state)
  const bySide = (rows: readonly Prediction[], side: ComparedSide) =>
    new Map(rows.filter(row => sideOf(row) === side).map(row => [now.get(row.case)?.id ?? row.case, row]))
  return COMPARED_SIDES.map(side => {
    const [first, second] = [bySide(before, side), bySide(after, side)]
    const pairs = [...first].flatMap(([id, row]): Pair[] => {
      const [other, state, placed] = [second.get(id), now.get(id), split.cases[id]]
      if (!other || !state || !placed) return []
      return [
        {
          state,
          group: placed.group,
          truth: truths(state, teaching),
          before: probabilitiesOf(row),
          after: probabilitiesOf(other),
        },
      ]
    })
    pairs.sort((one, other) => (one.state.id < other.state.id ? -1 : 1))
    return {
      side,
      pairs,
      onlyBefore: first.size - pairs.length,
      onlyAfter: second.size - pairs.length,
    }
  })
}

function sideOf({ fold, side }: Prediction): ComparedSide | null {
  if (fold !== null) return 'oof'
  return side === 'test' || side === 'val' ? side : null
}
