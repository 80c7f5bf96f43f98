import { batch, createSignal } from 'solid-js'
import type { ActPayload } from '../../../data/records/act.ts'
import { getCases, type ListQuery } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { decide, onSaved, outboxNow } from '../saving/saving.ts'
import { tell } from '../shell/notices.tsx'
import { createCaseShown } from './case-shown.ts'
import { picture } from './images.ts'
import { actsOfLabel } from './label-acts.ts'
import { createLending } from './lending.ts'
import { ListPages } from './list-pages.ts'
import { ownLabel, ownNotAssessable } from './own-label.ts'
import { preloadAround } from './preload.ts'
import { createRepeats } from './repeats.ts'
import { createUndoDesk, type Undone } from './undo-desk.ts'

/** Everything the review page shows, and everything that can be done there. */
export function createReview() {
  const shown = createCaseShown()
  const { cache, drafts, reply, wanted } = shown
  const undoing = createUndoDesk()
  const repeats = createRepeats()
  const [index, setIndex] = createSignal(-1)
  const [ready, setReady] = createSignal(false)
  const [query, setQuery] = createSignal<ListQuery>({})
  const [listVersion, setListVersion] = createSignal(0)
  const [unsaved, setUnsaved] = createSignal<ReadonlySet<string>>(new Set())
  const lending = createLending(cache, query)
  let pages = newPages()

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

  const lends = () => lending.applies(pages.cycle)

  /** Why the person said that a case can't be assessed; null once a row is changed. */
  function notAssessableNow(): string | null {
    const now = reply()
    return now && !drafts.touched() ? ownNotAssessable(now.case) : null
  }

  async function show(id: string): Promise<void> {
    const at = pages.indexOf(id)
    if (at >= 0) setIndex(at)
    if (!(await shown.show(id))) return
    if (lends()) {
      if (at < 0) void findInList(id)
      // It is asked for again, and told, when it is to be looked at.
      lending.preload().catch(() => {})
    } else preloadAround(index(), pages, cache)
    for (const sibling of reply()?.siblings ?? []) picture(sibling.imageFile)
  }

  /** The row of a case that was lent from further down the list than was loaded. */
  async function findInList(id: string): Promise<void> {
    setIndex(-1)
    const rank = cache.peek(id)?.queue?.rank
    if (rank === undefined) return
    await pages.need(Math.min(rank, pages.total) - 1).catch(() => {})
    if (reply()?.case.id === id) setIndex(pages.indexOf(id))
  }

  /** Where reading begins: at the case of the address, else at the first to be decided. */
  async function beginning(named: string | undefined): Promise<string | undefined> {
    if (!lends()) return named ?? pages.row(Math.max(0, await pages.undecided(0)))?.id
    if (named !== undefined && !lending.wasLent(named)) return named
    return (await lending.next()) ?? undefined
  }

  async function open(first?: string): Promise<void> {
    setReady(false)
    shown.forgetFailure()
    pages = newPages()
    try {
      await lending.giveBack()
      await pages.need(0)
      const start = await beginning(first)
      batch(() => {
        setReady(true)
        setListVersion(version => version + 1)
        if (!start) {
          shown.clear()
          setIndex(-1)
        }
      })
      if (start) await show(start)
      else if (lends() && pages.total > 0) shown.finish()
    } catch (error) {
      shown.fail(error)
    }
  }

  async function goTo(target: number): Promise<void> {
    if (target < 0 || target >= pages.total) return
    if (!pages.row(target)) await pages.need(target).catch(shown.fail)
    const row = pages.row(target)
    if (row) await show(row.id)
  }

  async function goOn(): Promise<void> {
    const from = repeats.goOnFrom(index())
    const repeat = repeats.take(from)
    if (repeat !== undefined) {
      cache.drop(repeat)
      return show(repeat)
    }
    if (lends()) return goOnLent()
    const onward = await pages.undecided(from + 1)
    if (onward >= 0) return goTo(onward)
    const left = await pages.undecided(0)
    if (left >= 0) return goTo(left)
    shown.finish()
  }

  async function goOnLent(): Promise<void> {
    try {
      const id = await lending.next()
      if (id !== null) return await show(id)
      shown.finish()
    } catch (error) {
      shown.fail(error)
    }
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
    const { id, version } = now.case
    const said = { notAssessable, tookMs: shown.lookedMs() }
    for (const each of actsOfLabel(now, draft, drafts.causes(), said)) decide(id, version, each)
    undoing.clear()
    drafts.forget(id)
    lending.decided(id)
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
    if (done.act.kind === 'label') repeats.find()
    if (state.kind.kind !== 'ct') lending.decided(state.id)
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
    if (before?.case.id === state.id) shown.takeState(state)
    if (before?.case.id === state.id && (before.blind || before.repeat)) void shown.refresh(state.id)
  })

  /** After an undo or redo: what changed is fetched afresh, and its case comes into sight. */
  async function follow(done: Undone | null, what: 'undo' | 'redo'): Promise<void> {
    if (!done) return tell(what === 'undo' ? 'Nothing of yours is left to undo.' : 'Nothing to redo.')
    const { state } = done
    if (state) cache.dropFigure(state.document, state.figure)
    cache.drop(done.case)
    drafts.forget(done.case)
    if (what === 'undo') lending.undecided(done.case)
    else lending.decided(done.case)
    markUnsaved(done.case, outboxNow().pendingOf(done.case).length > 0)
    await show(done.case)
    const now = reply()
    if (now?.case.id === done.case)
      pages.change(done.case, row => ({ ...row, mine: ownLabel(now.case) !== undefined }))
    tell(what === 'undo' ? 'Undone. Ctrl Y brings it back.' : 'Done again.')
  }

  /** On the rows first, as long as something there is not saved; then over what was saved. */
  async function turnBack(what: 'undo' | 'redo'): Promise<void> {
    if (drafts[what]()) return
    await undoing[what]().then(
      done => follow(done, what),
      error => tell(wordsOf(error), { bad: true }),
    )
  }

  return {
    drafts,
    index,
    reply,
    failure: shown.failure,
    ready,
    finished: shown.finished,
    /** Whether what is left is in other people's hands. */
    isWithOthers: () => lends() && lending.left > unsaved().size,
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
      if (id && lending.isDecided(id)) return goOn()
      return id ? show(id) : open()
    },
    filter(next: ListQuery, first?: string) {
      setQuery(next)
      return open(first)
    },
    refresh: shown.refresh,
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
    undo: () => turnBack('undo'),
    redo: () => turnBack('redo'),
    close() {
      stop()
      undoing.stop()
      lending.close()
    },
  }
}

export type Review = ReturnType<typeof createReview>
