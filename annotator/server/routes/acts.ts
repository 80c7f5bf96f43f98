import { Hono } from 'hono'
import { z } from 'zod'
import { codeOf, LesionloopError } from '../../../data/errors.ts'
import { type Act, type ActDraft, actDraft } from '../../../data/records/act.ts'
import type { CaseState } from '../../../data/records/case.ts'
import type { Account } from '../../../data/records/people.ts'
import { type Desk, type Env, person } from '../context.ts'
import { takeIn } from '../follow.ts'
import { need } from '../guard.ts'
import { ReaderView } from '../reader-view.ts'
import type { ActReply, ConflictReply } from '../replies.ts'
import { ACT_RULES, may } from '../rules.ts'
import { valid } from '../validate.ts'

const step = z.strictObject({ op: z.string().min(8).max(64) })
const RETRIES = 5

/**
 * Human acts in. Each is answered after it is on the disk; the same operation id again changes nothing; a stale base
 * gets 409 with the case as it stands and the acts since.
 */
export const acts = new Hono<Env>()
  .post('/acts', valid('json', actDraft), async c => {
    const { desk } = c.var
    const me = person(c)
    const draft = c.req.valid('json')
    need(me.role, ACT_RULES[draft.act.kind])
    if (draft.act.kind === 'undo') checkUndo(desk, me, draft.case, draft.act.seq)
    if (draft.act.kind === 'restore' && draft.act.everyone) need(me.role, 'adjudicate')
    try {
      return c.json(await writeApart(desk, me, draft), 200)
    } catch (error) {
      if (codeOf(error) === 'act-conflict')
        return c.json(await conflict(desk, me, draft, error as LesionloopError), 409)
      throw error
    }
  })

  .post('/undo', valid('json', step), async c => {
    const { op } = c.req.valid('json')
    return c.json(await takeBack(c.var.desk, person(c), op, 'nextUndo'), 200)
  })

  .post('/redo', valid('json', step), async c => {
    const { op } = c.req.valid('json')
    return c.json(await takeBack(c.var.desk, person(c), op, 'nextRedo'), 200)
  })

/** Acts of others that a label may pass by: they are no news to who reads apart. */
const APART: ReadonlySet<Act['act']['kind']> = new Set(['assign', 'label', 'reason', 'box', 'note'])

/**
 * Where several people are to read a case apart, each reads as if alone: another's reading meanwhile is no conflict,
 * and is not shown. Handing a case out conflicts with nobody.
 */
async function writeApart(desk: Desk, me: Account, draft: ActDraft): Promise<ActReply> {
  let { base } = draft
  for (let attempt = 1; ; attempt++) {
    try {
      return await write(desk, me, { ...draft, base })
    } catch (error) {
      if (codeOf(error) !== 'act-conflict' || attempt >= RETRIES) throw error
      const { state, acts } = (error as LesionloopError).details as { state: CaseState; acts: Act[] }
      const isApart = state.assigned.length > 1 && state.assigned.includes(me.id)
      const passes = (act: Act) =>
        act.act.kind === 'assign' || (isApart && act.who !== me.id && APART.has(act.act.kind))
      if (!OWN.has(draft.act.kind) || acts.length === 0 || !acts.every(passes)) throw error
      base = state.version
    }
  }
}

/** Acts that are laid beside others' and never over them. */
const OWN: ReadonlySet<Act['act']['kind']> = new Set(['label', 'reason', 'box', 'note'])

/** Writes an act of a person, and tells everyone whom it concerns. */
export async function write(desk: Desk, me: Account, draft: ActDraft): Promise<ActReply> {
  const { kind } = draft.act
  try {
    const { act, state } = await desk.store.acts.append(me.id, draft)
    desk.condition.saved()
    desk.metrics.act(kind, 'saved')
    return await noted(desk, me, act, state)
  } catch (error) {
    desk.condition.failed(codeOf(error))
    desk.metrics.act(kind, codeOf(error))
    throw error
  }
}

/** What follows from a written act, and the answer. */
async function noted(desk: Desk, me: Account, act: Act, state: CaseState): Promise<ActReply> {
  await takeIn(desk, act)
  const view = await ReaderView.of(desk, me.id)
  return {
    act,
    state: view.state(state),
    undo: desk.undoBook.nextUndo(me.id),
    redo: desk.undoBook.nextRedo(me.id),
  }
}

/**
 * Undoes the person's last act that stands, or redoes the last they undid, wherever it was. The base is the case as
 * it stands: an undo is of one's own act and contradicts nobody.
 */
async function takeBack(
  desk: Desk,
  me: Account,
  op: string,
  which: 'nextUndo' | 'nextRedo',
): Promise<ActReply> {
  for (let attempt = 1; ; attempt++) {
    const repeated = desk.undoBook.undoOf(me.id, op)
    const target = repeated ?? desk.undoBook[which](me.id)
    if (!target) {
      throw which === 'nextUndo'
        ? new LesionloopError('nothing-to-undo', 'undo: nothing of yours is left to undo')
        : new LesionloopError('nothing-to-redo', 'redo: nothing to redo since your last decision')
    }
    const base = (await desk.store.cases.get(target.case))?.version ?? 0
    try {
      return await write(desk, me, { op, case: target.case, base, act: { kind: 'undo', seq: target.seq } })
    } catch (error) {
      if (codeOf(error) !== 'act-conflict' || attempt >= RETRIES) throw error
    }
  }
}

function checkUndo(desk: Desk, me: Account, caseId: string, seq: number): void {
  const target = desk.undoBook.entry(seq)
  if (!target || target.case !== caseId)
    throw new LesionloopError('act-invalid', `undo: act ${seq}: not an act of this case; load the case again`)
  if (target.who !== me.id && !may(me.role, 'adjudicate'))
    throw new LesionloopError(
      'not-allowed',
      `undo: act ${seq}: somebody else's; ask an adjudicator or label the case yourself`,
    )
}

/** Who sent a label has decided, and is shown both; before that, what is shown is what a look at the case shows. */
async function conflict(
  desk: Desk,
  me: Account,
  draft: ActDraft,
  error: LesionloopError,
): Promise<ConflictReply> {
  const { state, acts } = error.details as { state: CaseState; acts: Act[] }
  const told = { code: error.code, message: error.message }
  const view = await ReaderView.of(desk, me.id)
  if (['label', 'adjudicate'].includes(draft.act.kind) && !view.isRepeat(state.id))
    return { error: told, state, acts }
  return { error: told, state: view.state(state), acts: view.acts(state, acts) }
}
