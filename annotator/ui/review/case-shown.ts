import { batch, createSignal } from 'solid-js'
import type { CaseState } from '../../../data/records/case.ts'
import type { CaseReply } from '../../server/replies.ts'
import { getCase } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { preferences } from '../shell/preferences.ts'
import { CaseCache } from './case-cache.ts'
import { createDraftDesk } from './draft-desk.ts'
import { ownLabel } from './own-label.ts'

/** The case in sight: what the server says of it, the sheet of its rows, and what is shown where there is none. */
export function createCaseShown() {
  const cache = new CaseCache(getCase)
  const drafts = createDraftDesk()
  const [reply, setReply] = createSignal<CaseReply | null>(null)
  const [wanted, setWanted] = createSignal<string | null>(null)
  const [failure, setFailure] = createSignal<string | null>(null)
  const [finished, setFinished] = createSignal(false)
  let shownAt = 0

  function present(next: CaseReply): void {
    batch(() => {
      setReply(next)
      setFailure(null)
      setFinished(false)
      drafts.open(next, preferences.silent, ownLabel(next.case))
    })
    shownAt = performance.now()
  }

  /** Shows a case, at once where it is here already; false where another was asked for meanwhile, or it failed. */
  async function show(id: string): Promise<boolean> {
    setWanted(id)
    const here = cache.peek(id)
    if (here) present(here)
    try {
      const got = here ?? (await cache.get(id))
      if (wanted() !== id) return false
      if (!here) present(got)
      return true
    } catch (error) {
      if (wanted() === id) setFailure(wordsOf(error))
      return false
    }
  }

  /** Lays a newer state of the case in sight under its rows, without moving what the person has touched. */
  function takeState(state: CaseState): void {
    const before = reply()
    if (!before || before.case.id !== state.id || state.version < before.case.version) return
    const next = { ...(cache.peek(state.id) ?? before), case: state }
    batch(() => {
      setReply(next)
      drafts.follow(next, preferences.silent, ownLabel(state))
    })
  }

  /** Fetches a case afresh, with its figure: somebody else's act, or a conflict settled. */
  async function refresh(id: string): Promise<void> {
    cache.drop(id)
    const { document = null, figure = null } = reply()?.case.id === id ? (reply()?.case ?? {}) : {}
    cache.dropFigure(document, figure)
    if (reply()?.case.id !== id) return
    const fresh = await cache.get(id)
    if (reply()?.case.id === id) takeState(fresh.case)
  }

  return {
    cache,
    drafts,
    reply,
    /** The case asked for last, which may still be on its way. */
    wanted,
    /** Why nothing can be shown, in words. */
    failure,
    fail: (error: unknown) => setFailure(wordsOf(error)),
    finished,
    finish: () => setFinished(true),
    /** How long the case has been looked at, in whole milliseconds. */
    lookedMs: () => Math.round(performance.now() - shownAt),
    show,
    takeState,
    refresh,
    forgetFailure: () => setFailure(null),
    clear: () => setReply(null),
  }
}

export type CaseShown = ReturnType<typeof createCaseShown>
