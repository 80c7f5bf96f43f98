import { batch, createSignal } from 'solid-js'
import type { ActPayload } from '../../../data/records/act.ts'
import type { CaseState } from '../../../data/records/case.ts'
import { HEADS } from '../../../data/records/vocabulary.ts'
import type { CaseReply } from '../../server/replies.ts'
import { getCase, getCases, getRepeats, type ListQuery } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { decide, onSaved, outboxNow } from '../saving/saving.ts'
import { tell } from '../shell/notices.tsx'
import { preferences } from '../shell/preferences.ts'
import { myself, settings } from '../shell/session.ts'
import { CaseCache } from './case-cache.ts'
import { boxChanges, type LabelValues, type LesionBox, labelOf } from './draft.ts'
import { createDraftDesk } from './draft-desk.ts'
import { picture } from './images.ts'
import { ListPages } from './list-pages.ts'
import { contradicts } from './proposal.ts'
import { createUndoDesk, type Undone } from './undo-desk.ts'
import { hounsfieldSlice } from './window-slice.ts'

const AHEAD = 4

/** Everything the review page shows, and everything that can be done there. */
export function createReview() {
  const cache = new CaseCache(getCase)
  const drafts = createDraftDesk()
  const undoing = createUndoDesk()
  const [index, setIndex] = createSignal(-1)
  const [reply, setReply] = createSignal<CaseReply | null>(null)
  const [wanted, setWanted] = createSignal<string | null>(null)
  const [failure, setFailure] = createSignal<string | null>(null)
  const [ready, setReady] = createSignal(false)
  const [finished, setFinished] = createSignal(false)
  const [query, setQuery] = createSignal<ListQuery>({})
  const [listVersion, setListVersion] = createSignal(0)
  const [unsaved, setUnsaved] = createSignal<ReadonlySet<string>>(new Set())
  let pages = newPages()
  let shownAt = 0

  function newPages(): ListPages {
    return new ListPages(
      (offset, limit) => getCases(query(), offset, limit),
      () => setListVersion(version => version + 1),
    )
  }

  /** The list, read so that what shows it follows its changes. */
  function list(): ListPages {
    listVersion()
    return pages
  }

  /** The person's own label: as saved, or as it waits to be saved. */
  function ownLabel(state: CaseState): LabelValues | undefined {
    const waiting = outboxNow()
      .pendingOf(state.id)
      .findLast(draft => draft.act.kind === 'label')?.act
    if (waiting?.kind === 'label') return { ...waiting, boxes: waitingBoxes(state.id) }
    return state.labels.findLast(label => label.who === myself().id)
  }

  /** Why the person said that a case can't be assessed; null once a row is changed. */
  function notAssessableNow(): string | null {
    const now = reply()
    if (!now || drafts.touched()) return null
    const waiting = outboxNow()
      .pendingOf(now.case.id)
      .findLast(draft => draft.act.kind === 'label')?.act
    const own = now.case.labels.findLast(label => label.who === myself().id)
    return (waiting?.kind === 'label' ? waiting.notAssessable : own?.notAssessable) ?? null
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

  function present(next: CaseReply): void {
    batch(() => {
      setReply(next)
      setFailure(null)
      setFinished(false)
      drafts.open(next, preferences.silent, ownLabel(next.case))
    })
    shownAt = performance.now()
  }

  async function show(id: string): Promise<void> {
    setWanted(id)
    const at = pages.indexOf(id)
    if (at >= 0) setIndex(at)
    const here = cache.peek(id)
    if (here) present(here)
    try {
      const got = here ?? (await cache.get(id))
      if (wanted() !== id) return
      if (!here) present(got)
      preload()
    } catch (error) {
      if (wanted() === id) setFailure(wordsOf(error))
    }
  }

  /** Fetches what is likely to be looked at next: cases further on, the one before, and their pictures. */
  function preload(): void {
    const at = index()
    for (const near of [...Array.from({ length: AHEAD }, (_, i) => at + 1 + i), at - 1]) {
      const row = near >= 0 ? pages.row(near) : undefined
      if (!row) continue
      picture(row.imageFile)
      cache
        .get(row.id)
        .then(found => {
          // Of the next one alone: decoding takes a moment of the frame.
          if (near === at + 1 && found.case.hounsfield) return hounsfieldSlice(found.case.hounsfield)
          return undefined
        })
        .catch(() => {
          // Asked for again, and told, when it is looked at.
        })
    }
    for (const sibling of reply()?.siblings ?? []) picture(sibling.imageFile)
    if (at + AHEAD < pages.total) void pages.need(at + AHEAD).catch(() => {})
  }

  async function open(first?: string): Promise<void> {
    setReady(false)
    setFailure(null)
    pages = newPages()
    try {
      await pages.need(0)
      const start = first ?? pages.row(Math.max(0, await pages.undecided(0)))?.id
      batch(() => {
        setReady(true)
        setListVersion(version => version + 1)
        if (!start) {
          setReply(null)
          setIndex(-1)
        }
      })
      if (start) await show(start)
    } catch (error) {
      setFailure(wordsOf(error))
    }
  }

  async function goTo(target: number): Promise<void> {
    if (target < 0 || target >= pages.total) return
    if (!pages.row(target)) await pages.need(target).catch(error => setFailure(wordsOf(error)))
    const row = pages.row(target)
    if (row) await show(row.id)
  }

  /** Cases that come again to this person, and where the list goes on after one. */
  let again: string[] = []
  let resume: number | null = null

  function findRepeats(): void {
    if (settings().repeatShare <= 0) return
    getRepeats().then(
      due => {
        again = due.cases
      },
      () => {
        // Asked again after the next decision.
      },
    )
  }

  async function goOn(): Promise<void> {
    const from = resume ?? index()
    resume = null
    const repeat = again.shift()
    if (repeat !== undefined && outboxNow().pendingOf(repeat).length === 0) {
      resume = from
      cache.drop(repeat)
      return show(repeat)
    }
    const onward = await pages.undecided(from + 1)
    if (onward >= 0) return goTo(onward)
    const left = await pages.undecided(0)
    if (left >= 0) return goTo(left)
    setFinished(true)
  }

  function markUnsaved(id: string, waits: boolean): void {
    const next = new Set(unsaved())
    if (waits) next.add(id)
    else next.delete(id)
    setUnsaved(next)
  }

  /** Saves the six rows as they stand, with the causes given, and goes on. */
  function accept(because?: string): void {
    const now = reply()
    const notAssessable = because ?? notAssessableNow()
    const draft = drafts.draft()
    if (!now || !draft || wanted() !== now.case.id) return
    // Nothing is proposed where the text is hidden: what is not said yet is filled in before the eyes, and saved by
    // the next press.
    if (notAssessable === null && drafts.fillAbsent()) {
      tell('The rest is absent. Once more saves it.')
      return
    }
    const { id } = now.case
    const label = labelOf(draft)
    const base = now.case.version
    decide(id, base, {
      kind: 'label',
      ...label,
      ...(notAssessable === null ? {} : { notAssessable }),
      ...(now.blind && !ownLabel(now.case) ? { blind: true } : {}),
      ...(now.repeat ? { repeat: true } : {}),
      tookMs: Math.round(performance.now() - shownAt),
    })
    for (const head of now.repeat ? [] : HEADS) {
      const cause = drafts.causes()[head]
      const value = head === 'flag' ? label.flag : label.lesions[head]
      if (cause && contradicts(now.case, head, value)) decide(id, base, { kind: 'reason', head, cause })
    }
    const saved = now.case.labels.findLast(each => each.who === myself().id)?.boxes ?? []
    const { added, removed } = boxChanges(saved, draft.boxes)
    // A second reading measures: causes and boxes are the first one's.
    for (const box of now.repeat ? [] : removed) decide(id, base, { kind: 'box', ...box, removed: true })
    for (const box of now.repeat ? [] : added) decide(id, base, { kind: 'box', ...box })
    undoing.clear()
    drafts.forget(id)
    markUnsaved(id, true)
    pages.change(id, row => ({ ...row, mine: true }))
    void goOn()
  }

  /** Any other act on the case looked at; its page shows it when the server has it. */
  function act(payload: ActPayload): void {
    const now = reply()
    if (!now) return
    decide(now.case.id, now.case.version, payload)
    undoing.clear()
  }

  const stop = onSaved((done, state) => {
    const before = reply()
    const sharesCaption = ['re-pair', 'mention', 'caption', 'undo'].includes(done.act.kind)
    if (sharesCaption) cache.dropFigure(state.document, state.figure)
    cache.update(state)
    const mine = ownLabel(state) !== undefined
    if (done.act.kind === 'label') findRepeats()
    const hidden = cache.peek(state.id)
    // What was left out before the decision is fetched now.
    if (hidden?.blind || hidden?.repeat) cache.drop(state.id)
    if (outboxNow().pendingOf(state.id).length === 0) markUnsaved(state.id, false)
    pages.change(state.id, row => ({
      ...row,
      mine,
      version: state.version,
      truth: state.truth,
      notes: state.notes.length,
      discuss: state.discuss !== undefined,
    }))
    if (before?.case.id === state.id) takeState(state)
    if (before?.case.id === state.id && (before.blind || before.repeat)) void refresh(state.id)
  })

  /** Lays a newer state of the case looked at under its rows, without moving what the person has touched. */
  function takeState(state: CaseState): void {
    const before = reply()
    if (!before || before.case.id !== state.id || state.version < before.case.version) return
    const next = { ...(cache.peek(state.id) ?? before), case: state }
    batch(() => {
      setReply(next)
      drafts.follow(next, preferences.silent, ownLabel(state))
    })
  }

  async function refresh(id: string): Promise<void> {
    cache.drop(id)
    const { document = null, figure = null } = reply()?.case.id === id ? (reply()?.case ?? {}) : {}
    cache.dropFigure(document, figure)
    if (reply()?.case.id !== id) return
    const fresh = await cache.get(id)
    if (reply()?.case.id === id) takeState(fresh.case)
  }

  /** After an undo or redo: what changed is fetched afresh, and its case comes into sight. */
  async function follow(done: Undone | null, what: 'undo' | 'redo'): Promise<void> {
    if (!done) return tell(what === 'undo' ? 'Nothing of yours is left to undo.' : 'Nothing to redo.')
    const { state } = done
    if (state) cache.dropFigure(state.document, state.figure)
    cache.drop(done.case)
    drafts.forget(done.case)
    markUnsaved(done.case, outboxNow().pendingOf(done.case).length > 0)
    await show(done.case)
    const now = reply()
    if (now?.case.id === done.case)
      pages.change(done.case, row => ({ ...row, mine: ownLabel(now.case) !== undefined }))
    tell(what === 'undo' ? 'Undone. Ctrl Y brings it back.' : 'Done again.')
  }

  async function undo(): Promise<void> {
    if (drafts.undo()) return
    await undoing.undo().then(
      done => follow(done, 'undo'),
      error => tell(wordsOf(error), { bad: true }),
    )
  }

  async function redo(): Promise<void> {
    if (drafts.redo()) return
    await undoing.redo().then(
      done => follow(done, 'redo'),
      error => tell(wordsOf(error), { bad: true }),
    )
  }

  return {
    drafts,
    index,
    reply,
    failure,
    ready,
    finished,
    query,
    unsaved,
    notAssessable: notAssessableNow,
    row: (at: number) => list().row(at),
    total: () => list().total,
    cycle: () => list().cycle,
    need: (at: number) => pages.need(at),
    open,
    show,
    goTo,
    goOn,
    next: () => goTo(index() + 1),
    previous: () => goTo(index() - 1),
    retry: () => {
      const id = wanted()
      return id ? show(id) : open()
    },
    filter(next: ListQuery, first?: string) {
      setQuery(next)
      return open(first)
    },
    /** Somebody else's act, or a conflict settled: look at the case afresh. */
    refresh,
    /** One step among the panels of this figure. */
    async sibling(step: 1 | -1) {
      const now = reply()
      const at = now?.siblings.findIndex(each => each.id === now.case.id) ?? -1
      const other = now?.siblings[at + step]
      if (other) await show(other.id)
    },
    accept,
    act,
    /** The case as it stood after one of its acts: the rows show that again when it is saved. */
    restore(seq: number, everyone = false) {
      const id = reply()?.case.id
      if (id) drafts.forget(id)
      act({ kind: 'restore', seq, ...(everyone ? { everyone } : {}) })
    },
    undo,
    redo,
    close() {
      stop()
      undoing.stop()
    },
  }
}

export type Review = ReturnType<typeof createReview>
