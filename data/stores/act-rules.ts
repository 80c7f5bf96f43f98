import { LesionloopError } from '../errors.ts'
import { inside } from '../journal/caption-edits.ts'
import { takenBack } from '../journal/undo.ts'
import type { Act, ActDraft } from '../records/act.ts'
import type { CaseState } from '../records/case.ts'

/**
 * Whether an act fits the case it is made at.
 * @param of the acts that reach the case, and the case as it stands: asked for where they are needed.
 * @throws LesionloopError `act-invalid`.
 */
export function validate(
  { act }: ActDraft,
  of: { acts: () => readonly Act[]; state: () => CaseState },
): void {
  if (act.kind === 'mention' || act.kind === 're-pair') {
    const { caption } = of.state()
    if (!inside(act, caption))
      throw new LesionloopError(
        'act-invalid',
        `act: ${act.kind}: ${act.start} to ${act.end}: expected a stretch of the caption's ${caption.length} characters; select the words again`,
      )
  }
  if (act.kind === 'undo') {
    const own = of.acts()
    if (!own.some(one => one.seq === act.seq))
      throw new LesionloopError(
        'act-invalid',
        `act: undo: ${act.seq}: no act of this case; load the case again`,
      )
    if (takenBack(own).has(act.seq))
      throw new LesionloopError(
        'act-invalid',
        `act: undo: ${act.seq}: taken back already; undo the undo to bring it back`,
      )
  }
}

/**
 * The act that was written under a draft's operation.
 * @throws LesionloopError `act-invalid` where it is another.
 */
export function sameAct(
  who: string,
  draft: ActDraft,
  known: Pick<Act, 'who' | 'case' | 'act'> | undefined,
): Act {
  const same =
    known?.who === who && known.case === draft.case && JSON.stringify(known.act) === JSON.stringify(draft.act)
  if (same) return known as Act
  throw new LesionloopError(
    'act-invalid',
    `act: ${draft.op}: this operation's id was used for another act; give each act an id of its own`,
  )
}

/** @param since the acts since the version the draft was based on. */
export function conflict(draft: ActDraft, state: CaseState, since: Act[]): LesionloopError {
  const people = [...new Set(since.map(act => act.who))]
  return new LesionloopError(
    'act-conflict',
    `case: ${state.id}: ${people.length ? `changed meanwhile by ${people.join(', ')}` : `version ${draft.base} is not there`}; look at both, then decide again`,
    { state, acts: since },
  )
}

export const unknownCase = (id: string): LesionloopError =>
  new LesionloopError(
    'case-unknown',
    `case: ${id}: not in this workspace; load the list again, it may have been mined anew`,
    { case: id },
  )
