import { sameLayout } from '../../data/journal/amendments.ts'
import { figureOfId } from '../../data/journal/reach.ts'
import type { Act } from '../../data/records/act.ts'
import type { DrawnPanel } from '../../data/records/case.ts'

/** What people changed of a figure, whether it stands or is undone: a redo needs what was made of it too. */
export interface Correction {
  /** Captions in the place of the mined one, in the order they were written. */
  texts: string[]
  drawings: DrawnPanel[][]
  /** Cases that somebody gave a kind: pictures that are no CT to the miner become cases by that. */
  named: Set<string>
}

/** The corrections of the journal by figure (see reach.ts for a figure's key). */
export async function correctionsOf(acts: AsyncIterable<Act>): Promise<Map<string, Correction>> {
  const found = new Map<string, Correction>()
  for await (const { case: id, act } of acts) {
    if (act.kind !== 'caption' && act.kind !== 'split-panels' && act.kind !== 'kind') continue
    const key = figureOfId(id)
    const correction = found.get(key) ?? { texts: [], drawings: [], named: new Set<string>() }
    found.set(key, correction)
    correction.named.add(id)
    if (act.kind === 'caption' && !correction.texts.includes(act.text)) correction.texts.push(act.text)
    if (
      act.kind === 'split-panels' &&
      act.panels.length > 0 &&
      !correction.drawings.some(drawing => sameLayout(drawing, act.panels))
    )
      correction.drawings.push(act.panels)
  }
  return found
}
