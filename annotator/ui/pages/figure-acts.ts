import type { ActPayload } from '../../../data/records/act.ts'
import { postAct } from '../api/desk-api.ts'
import { Refusal, wordsOf } from '../api/refusal.ts'
import { tell } from '../shell/notices.tsx'

/** A case and the version an act on it is based on. */
export interface Base {
  case: string
  version: number
}

/**
 * Writes an act on a figure, says so with the way to undo it, and has the page read the document again. What somebody
 * else changed meanwhile is never written over: the page shows it first.
 */
export async function actOn(
  base: Base,
  act: ActPayload,
  done: { words: string; after: () => void },
): Promise<boolean> {
  try {
    const reply = await postAct({ op: crypto.randomUUID(), case: base.case, base: base.version, act })
    const undo: ActPayload = { kind: 'undo', seq: reply.act.seq }
    const next = { case: base.case, version: reply.state.version }
    tell(done.words, {
      stays: true,
      action: {
        words: 'Undo',
        run: () => void actOn(next, undo, { words: 'Undone.', after: done.after }),
      },
    })
    done.after()
    return true
  } catch (error) {
    const isStale = error instanceof Refusal && error.code === 'act-conflict'
    tell(
      isStale
        ? 'Somebody changed this figure meanwhile. It is shown as it stands now; look at it and try again.'
        : wordsOf(error),
      { bad: true },
    )
    if (isStale) done.after()
    return false
  }
}
