import type { ActKind } from '../../../data/records/act.ts'
import type { CaseState } from '../../../data/records/case.ts'
import { getHistory, redoLast, undoLast } from '../api/desk-api.ts'
import { Refusal } from '../api/refusal.ts'
import type { Draft } from '../saving/drafts.ts'
import { onSaved, outboxNow } from '../saving/saving.ts'

/** What an undo or redo did, for the words on the screen and for going back to its case. */
export interface Undone {
  case: string
  /** Null where the decision had not gone out yet. */
  state: CaseState | null
}

/**
 * Undo and redo of saved decisions, over everything since the beginning of the project. What has not gone out is
 * simply withdrawn; the rest is taken back on the server. A label goes together with the causes and boxes given with it.
 */
export function createUndoDesk() {
  const kinds = new Map<number, ActKind>()
  /** How many acts each undo took back, so that redo brings the same ones again. */
  const groups: number[] = []
  /** Drafts withdrawn before they went out, newest last. */
  const withdrawn: Draft[][] = []
  const stop = onSaved(act => kinds.set(act.seq, act.act.kind))

  async function kindOf(caseId: string, seq: number): Promise<ActKind | undefined> {
    return kinds.get(seq) ?? (await getHistory(caseId)).history.find(act => act.seq === seq)?.act.kind
  }

  /** Takes back the last decision; null where nothing is left. */
  async function undo(): Promise<Undone | null> {
    const outbox = outboxNow()
    const unsent = outbox.withdrawLast()
    if (unsent?.[0]) {
      withdrawn.push(unsent)
      return { case: unsent[0].case, state: null }
    }
    await outbox.drained()
    let count = 0
    let last: Undone | null = null
    for (;;) {
      const reply = await undoLast(crypto.randomUUID()).catch(nothingLeft)
      if (!reply) break
      count++
      last = { case: reply.act.case, state: reply.state }
      const target = reply.act.act.kind === 'undo' ? reply.act.act.seq : 0
      const kind = await kindOf(reply.act.case, target)
      if (kind !== 'reason' && kind !== 'box') break
    }
    if (count > 0) groups.push(count)
    return last
  }

  /** Brings back what was undone last; null where a newer decision has ended that. */
  async function redo(): Promise<Undone | null> {
    const outbox = outboxNow()
    const back = withdrawn.pop()
    if (back?.[0]) {
      for (const draft of back) outbox.add(draft.case, draft.base, draft.act)
      return { case: back[0].case, state: null }
    }
    await outbox.drained()
    let last: Undone | null = null
    for (let left = groups.pop() ?? 1; left > 0; left--) {
      const reply = await redoLast(crypto.randomUUID()).catch(nothingLeft)
      if (!reply) break
      last = { case: reply.act.case, state: reply.state }
    }
    return last
  }

  return {
    undo,
    redo,
    stop,
    /** A new decision ends what could be redone. */
    clear() {
      groups.length = 0
      withdrawn.length = 0
    },
  }
}

function nothingLeft(error: unknown): null {
  if (error instanceof Refusal && /^nothing-to-/.test(error.code)) return null
  throw error
}
