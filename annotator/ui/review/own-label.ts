import type { CaseState } from '../../../data/records/case.ts'
import { outboxNow } from '../saving/saving.ts'
import { myself } from '../shell/session.ts'
import type { LabelValues, LesionBox } from './draft.ts'

/** The newest label of a case that is still on its way to the server. */
function waitingLabel(id: string) {
  const act = outboxNow()
    .pendingOf(id)
    .findLast(draft => draft.act.kind === 'label')?.act
  return act?.kind === 'label' ? act : undefined
}

/** The person's own label as the server has it. */
export function savedLabel(state: CaseState): CaseState['labels'][number] | undefined {
  return state.labels.findLast(label => label.who === myself().id)
}

/** The person's own label: as it waits to be saved, else as saved. */
export function ownLabel(state: CaseState): LabelValues | undefined {
  const waiting = waitingLabel(state.id)
  return waiting ? { ...waiting, boxes: waitingBoxes(state.id) } : savedLabel(state)
}

/** Why the person said that a case can't be assessed; null where it was assessed, or not labelled. */
export function ownNotAssessable(state: CaseState): string | null {
  return (waitingLabel(state.id) ?? savedLabel(state))?.notAssessable ?? null
}

/** Boxes drawn with a label that is still on its way. */
function waitingBoxes(id: string): LesionBox[] {
  return outboxNow()
    .pendingOf(id)
    .flatMap(({ act }) => {
      if (act.kind !== 'box' || act.removed) return []
      const { lesion, x, y, width, height } = act
      return [{ lesion, x, y, width, height }]
    })
}
