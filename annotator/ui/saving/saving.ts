import { createSignal } from 'solid-js'
import type { Act, ActDraft, ActPayload } from '../../../data/records/act.ts'
import type { CaseState } from '../../../data/records/case.ts'
import type { ConflictReply } from '../../server/replies.ts'
import { postAct } from '../api/desk-api.ts'
import { Refusal, unreachable, wordsOf } from '../api/refusal.ts'
import { browserShelf } from './browser-shelf.ts'
import { type Answer, type Held, Outbox, type SavingState } from './outbox.ts'

async function send(draft: ActDraft): Promise<Answer> {
  try {
    const { act, state } = await postAct(draft)
    return { kind: 'saved', act, state }
  } catch (error) {
    if (unreachable(error)) return { kind: 'unreachable' }
    if (error instanceof Refusal && error.status === 401) return { kind: 'signed-out' }
    if (error instanceof Refusal && error.status === 409 && (error.body as ConflictReply | null)?.state) {
      const { state, acts } = error.body as ConflictReply
      return { kind: 'conflict', state, acts }
    }
    // A server that fails without a reason of ours may be mending: wait rather than lose the decision.
    if (error instanceof Refusal && error.status >= 500) return { kind: 'unreachable' }
    return { kind: 'refused', message: wordsOf(error) }
  }
}

const [savingState, setSavingState] = createSignal<SavingState>({ kind: 'saved' }, { equals: false })
const [heldCases, setHeldCases] = createSignal<readonly Held[]>([])

/** The case whose conflict the person put off; it is not asked about again until they want to. */
const [putOff, setPutOff] = createSignal<string | null>(null)

export { heldCases, putOff, savingState, setPutOff }

type SavedListener = (act: Act, state: CaseState) => void
const listeners = new Set<SavedListener>()
let outbox: Outbox | null = null

/** Starts sending for a person; takes up what an earlier visit left unsaved. Returns how much that was. */
export async function startSaving(person: string): Promise<number> {
  outbox?.close()
  const { shelf } = await browserShelf()
  outbox = new Outbox({
    person,
    shelf,
    send,
    onSaved: (act, state) => {
      for (const listener of listeners) listener(act, state)
    },
    onChange: (state, held) => {
      setSavingState(state)
      setHeldCases(held)
    },
  })
  return outbox.restore()
}

/** Told of every act of this browser that is on the disk. @returns stops listening. */
export function onSaved(listener: SavedListener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** The outbox of the person signed in. */
export function outboxNow(): Outbox {
  if (!outbox) throw new Error('saving: nobody is signed in')
  return outbox
}

/** Sends an act based on a version of its case. */
export function decide(caseId: string, base: number, act: ActPayload): string {
  return outboxNow().add(caseId, base, act).op
}

if (typeof window !== 'undefined') {
  window.addEventListener('online', () => outbox?.retry())
  window.addEventListener('beforeunload', event => {
    if (outbox && outbox.waiting > 0) event.preventDefault()
  })
}
