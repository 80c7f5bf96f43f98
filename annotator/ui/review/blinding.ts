import { perLesion } from '../../../data/records/vocabulary.ts'
import type { CaseReply, SettingsReply } from '../../server/replies.ts'

export type Shown = Pick<SettingsReply, 'showText' | 'showModel'>

/**
 * What a person may see of a case before the first decision. Where the workspace hides what the text said, or the
 * model's opinion, it is taken out here, with all that would give it away; after the decision everything is shown.
 */
export function veil(reply: CaseReply, shown: Shown, decided: boolean): CaseReply {
  if (decided || (shown.showText && shown.showModel)) return reply
  const { published: _published, ...bare } = reply.case
  return {
    ...reply,
    disagreements: [],
    queue: null,
    opinion: shown.showModel ? reply.opinion : null,
    case: shown.showText
      ? reply.case
      : {
          ...bare,
          mentions: [],
          skipped: [],
          mined: { flag: 'unstated', evidence: [], findings: perLesion(() => 'none') },
        },
  }
}

/** True where something is hidden before the first decision: the label says so. */
export function isBlind(shown: Shown): boolean {
  return !shown.showText || !shown.showModel
}
