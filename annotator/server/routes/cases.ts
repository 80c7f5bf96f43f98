import { Hono } from 'hono'
import { z } from 'zod'
import { LesionloopError } from '../../../data/errors.ts'
import type { CaseState } from '../../../data/records/case.ts'
import { ASSERTIONS, LESIONS } from '../../../data/records/vocabulary.ts'
import type { CaseQuery } from '../../../data/stores/store.ts'
import { rowMaker } from '../case-row.ts'
import { type Desk, type Env, person } from '../context.ts'
import { disagreements } from '../disagreements.ts'
import { count, given, yesNo } from '../query.ts'
import { ReaderView, withoutText } from '../reader-view.ts'
import type { CaseList, CaseReply, HistoryEntry } from '../replies.ts'
import { listUnseen } from '../unseen-text.ts'
import { valid } from '../validate.ts'

const LONGEST_PAGE = 500
/** Ids hold slashes and #: they travel in the query, never in the path. */
const caseId = z.string().min(1).max(1000)

const listQuery = z.object({
  lesion: z.enum(LESIONS).optional(),
  finding: z.enum([...ASSERTIONS, 'none']).optional(),
  document: z.string().max(1000).optional(),
  state: z.enum(['labelled', 'open']).optional(),
  /** An account id, or `me`. */
  by: z.string().max(200).optional(),
  disagreement: yesNo.optional(),
  discuss: yesNo.optional(),
  uncertain: yesNo.optional(),
  assignedTo: z.string().max(200).optional(),
  search: z.string().max(500).optional(),
  kind: z.enum(['ct', 'all']).optional(),
  sort: z.enum(['queue', 'document']).optional(),
  offset: count.optional(),
  limit: count.optional(),
})

export const cases = new Hono<Env>()
  .get('/cases', valid('query', listQuery), async c => {
    const { desk } = c.var
    const me = person(c)
    const asked = c.req.valid('query')
    const offset = asked.offset ?? 0
    const limit = Math.min(asked.limit ?? 50, LONGEST_PAGE)
    const self = (id: string | undefined) => (id === 'me' ? me.id : id)
    await desk.fresh()
    const query = given({
      ...asked,
      reader: me.id,
      by: self(asked.by),
      assignedTo: self(asked.assignedTo),
      offset,
      limit,
    })
    const view = await ReaderView.of(desk, me.id)
    const { rows, total } = await listUnseen(desk, view, query satisfies CaseQuery)
    const row = await rowMaker(desk, me.id)
    const { cycle } = await desk.queue.view()
    return c.json({ rows: rows.map(row), total, offset, limit, cycle } satisfies CaseList)
  })

  .get('/case', valid('query', z.object({ id: caseId })), async c => {
    const { desk } = c.var
    await desk.fresh()
    return c.json(await caseReply(desk, await known(desk, c.req.valid('query').id), person(c).id))
  })

  .get('/case/history', valid('query', z.object({ id: caseId })), async c => {
    const { desk } = c.var
    const { id } = c.req.valid('query')
    const state = await known(desk, id)
    const view = await ReaderView.of(desk, person(c).id)
    const names = new Map((await desk.people.list()).map(each => [each.id, each.name]))
    const acts = view.acts(state, await desk.store.acts.ofCase(id))
    const history: HistoryEntry[] = acts.map(act => ({
      ...act,
      name: names.get(act.who) ?? act.who,
      undone: !desk.undoBook.stands(act.seq),
    }))
    return c.json({ history })
  })

  .get('/case/opinion', valid('query', z.object({ id: caseId })), async c => {
    const { desk } = c.var
    const { id } = c.req.valid('query')
    const view = await ReaderView.of(desk, person(c).id)
    const isHidden = view.hidesModel(await known(desk, id))
    return c.json({ opinion: isHidden ? null : await desk.cycles.opinion(id) })
  })

/** One case with everything the desk shows of it, so that the next case costs one request. */
export async function caseReply(desk: Desk, state: CaseState, who: string): Promise<CaseReply> {
  const [siblings, said, queue, row, document, view] = await Promise.all([
    desk.store.cases.siblings(state.id),
    desk.cycles.opinion(state.id),
    desk.queue.view(),
    rowMaker(desk, who),
    state.document === null ? null : desk.documents.row(state.document),
    ReaderView.of(desk, who),
  ])
  const shown = view.state(state)
  const isBlind = view.isBlind(state)
  const hidesText = view.hidesText(state)
  const opinion = view.hidesModel(state) ? null : said
  return {
    case: shown,
    siblings: siblings
      .filter(each => !each.retired || each.id === state.id)
      .sort((a, b) => a.order - b.order)
      // They share its caption: what is hidden here is not told beside it.
      .map(each => row(hidesText ? withoutText(each) : each)),
    opinion,
    queue: isBlind ? null : queue.entryOf(state.id),
    document: document && { id: document.id, title: document.title, doi: document.doi, date: document.date },
    disagreements: disagreements(shown, opinion),
    blind: isBlind,
    hidden: { text: hidesText, model: view.hidesModel(state) },
    repeat: view.isRepeat(state.id),
  }
}

export async function known(desk: Desk, id: string): Promise<CaseState> {
  const state = await desk.store.cases.get(id)
  if (state) return state
  throw new LesionloopError('case-unknown', `case: ${id}: not in this workspace; load the list again`)
}
