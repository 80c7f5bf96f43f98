import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CaseState } from '../../data/records/case.ts'
import type { CaseQuery } from '../../data/stores/store.ts'
import type { Desk } from './context.ts'
import type { ReaderView } from './reader-view.ts'

const PAGE = 500
/** Lists kept: one for each filter that some page shows. */
const KEPT = 8

interface KeptList {
  seq: number
  ids: string[]
}

const kept = new WeakMap<Desk, Map<string, KeptList>>()

/** True for a filter that a case answers by what its text says. */
function asksText({ lesion, finding, disagreement, search }: CaseQuery): boolean {
  return (
    lesion !== undefined || finding !== undefined || disagreement !== undefined || Boolean(search?.trim())
  )
}

/**
 * The list that a person asked for, without the cases whose hidden text alone would answer: a case read blind must not
 * tell by a search or a filter what its caption says. Such a list is walked through once and kept while its pages are
 * asked for; a first page after an act is made anew.
 */
export async function listUnseen(
  desk: Desk,
  view: ReaderView,
  query: CaseQuery,
): Promise<{ rows: CaseState[]; total: number }> {
  if (!view.mayHideText || !asksText(query)) return await desk.store.cases.list(query)
  const { offset = 0, limit = 100, ...filter } = query
  const lists = kept.get(desk) ?? new Map<string, KeptList>()
  kept.set(desk, lists)
  const key = JSON.stringify([view.who, view.hiddenBy, Object.entries(filter).sort()])
  const seq = await desk.store.acts.lastSeq()
  let list = lists.get(key)
  if (!list || (offset === 0 && list.seq !== seq)) list = { seq, ids: await walk(desk, view, filter) }
  lists.delete(key)
  lists.set(key, list)
  if (lists.size > KEPT) lists.delete(lists.keys().next().value!)
  const rows: CaseState[] = []
  for (const id of list.ids.slice(offset, offset + limit)) {
    const state = await desk.store.cases.get(id)
    if (state) rows.push(state)
  }
  return { rows, total: list.ids.length }
}

async function walk(desk: Desk, view: ReaderView, filter: CaseQuery): Promise<string[]> {
  const ids: string[] = []
  for (let offset = 0; ; offset += PAGE) {
    const { rows } = await desk.store.cases.list({ ...filter, offset, limit: PAGE })
    for (const state of rows) if (!view.hidesText(state)) ids.push(state.id)
    if (rows.length < PAGE) return ids
    await nextTurn()
  }
}
