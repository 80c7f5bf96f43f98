import type { ActPayload } from '../../../data/records/act.ts'
import { type Cause, HEADS, type Head } from '../../../data/records/vocabulary.ts'
import type { CaseReply } from '../../server/replies.ts'
import { boxChanges, type Draft, labelOf } from './draft.ts'
import { ownLabel, savedLabel } from './own-label.ts'
import { contradicts } from './proposal.ts'

/**
 * The acts that save the six rows as they stand: the label, then the causes given where it contradicts the text, then
 * boxes taken away and drawn. A second reading measures: causes and boxes are the first one's, and so left out.
 */
export function actsOfLabel(
  reply: CaseReply,
  draft: Draft,
  causes: Partial<Record<Head, Cause>>,
  said: { notAssessable: string | null; tookMs: number },
): ActPayload[] {
  const label = labelOf(draft)
  const acts: ActPayload[] = [
    {
      kind: 'label',
      ...label,
      ...(said.notAssessable === null ? {} : { notAssessable: said.notAssessable }),
      ...(reply.blind && !ownLabel(reply.case) ? { blind: true } : {}),
      ...(reply.repeat ? { repeat: true } : {}),
      tookMs: said.tookMs,
    },
  ]
  if (reply.repeat) return acts
  for (const head of HEADS) {
    const cause = causes[head]
    const value = head === 'flag' ? label.flag : label.lesions[head]
    if (cause && contradicts(reply.case, head, value)) acts.push({ kind: 'reason', head, cause })
  }
  const { added, removed } = boxChanges(savedLabel(reply.case)?.boxes ?? [], draft.boxes)
  for (const box of removed) acts.push({ kind: 'box', ...box, removed: true })
  for (const box of added) acts.push({ kind: 'box', ...box })
  return acts
}
