import { LesionloopError } from '../../errors.ts'
import { foldCase } from '../../journal/fold.ts'
import { figureOf } from '../../journal/reach.ts'
import type { CaseState, MinedCase } from '../../records/case.ts'
import type { CaseFilter, CaseQuery, CaseStore, MinedDocument } from '../store.ts'
import { conditionOf } from './case-conditions.ts'
import { casePictures } from './case-pictures.ts'
import {
  actsByFigure,
  CASE_COLUMNS,
  type CaseRow,
  insertCases,
  plain,
  statesOf,
  updateFacts,
} from './case-rows.ts'
import { caseSums } from './case-sums.ts'
import { type Ask, type Database, withRetries } from './connection.ts'
import { lockCases } from './locks.ts'
import { moved } from './moved.ts'
import { notify } from './notices.ts'

/** Cases written, or walked through, with one question. */
const TOGETHER = 500
const ORDER = 'c.sort_key, c.figure, c.place, c.id'

export function caseStore(of: {
  database: Database
  workspace: number
  canWrite: boolean
  /** Name of this process in what others are told. */
  me: string
  /** The cycle whose queue orders lists; null where there is none. */
  cycle: () => Promise<string | null>
}): CaseStore {
  const { database, workspace } = of
  const { ask } = database
  const states = (rows: readonly CaseRow[]) => statesOf(ask, workspace, rows)
  const sums = caseSums(database, workspace)

  async function count(filter: CaseFilter = {}): Promise<number> {
    const known = await sums.count(filter)
    if (known !== undefined) return known
    const values: unknown[] = [workspace]
    const condition = conditionOf(filter, values)
    const [row] = await ask<{ count: number }>(
      `select count(*) as count from lesionloop.cases c where c.workspace = $1 and ${condition}`,
      values,
    )
    return row!.count
  }

  async function page(query: CaseQuery, offset: number, limit: number): Promise<CaseRow[]> {
    const cycle = query.sort === 'queue' ? await of.cycle() : null
    if (cycle === null) {
      const values: unknown[] = [workspace]
      const condition = conditionOf(query, values)
      return await ask<CaseRow>(inOrder(condition, offset, limit), values)
    }
    const values: unknown[] = [workspace, cycle]
    const condition = conditionOf(query, values)
    const queued = `from lesionloop.queue q join lesionloop.cases c on c.workspace = $1 and c.id = q.case_id
      where q.workspace = $1 and q.cycle = $2 and q.is_first and ${condition}`
    const first = await ask<CaseRow>(
      `with page as materialized (
         select q.place, c.id ${queued} order by q.place offset ${offset} limit ${limit}
       )
       select ${CASE_COLUMNS} from page join lesionloop.cases c on c.workspace = $1 and c.id = page.id
       order by page.place`,
      values,
    )
    if (first.length === limit) return first
    const [before] = await ask<{ count: number }>(`select count(*) as count ${queued}`, values)
    const rest = await ask<CaseRow>(
      inOrder(
        `${condition} and not exists (
           select from lesionloop.queue q where q.workspace = $1 and q.cycle = $2 and q.case_id = c.id
         )`,
        Math.max(0, offset - before!.count),
        limit - first.length,
      ),
      values,
    )
    return [...first, ...rest]
  }

  return {
    async get(id) {
      const rows = await ask<CaseRow>(
        `select ${CASE_COLUMNS} from lesionloop.cases c where c.workspace = $1 and c.id = $2`,
        [workspace, plain(id)],
      )
      return (await states(rows))[0]
    },
    async list(query = {}) {
      const [offset, limit] = [query.offset ?? 0, query.limit ?? 100].map(n => Math.max(0, Math.floor(n)))
      const [rows, total] = await Promise.all([page(query, offset!, limit!), count(query)])
      return { rows: await states(rows), total }
    },
    all: () => walk(ask, workspace),
    async siblings(id) {
      const rows = await ask<CaseRow>(
        `select ${CASE_COLUMNS} from lesionloop.cases c
         where c.workspace = $1 and c.figure =
           (select figure from lesionloop.cases where workspace = $1 and id = $2)
         order by c.place, c.id`,
        [workspace, plain(id)],
      )
      return states(rows)
    },
    count,
    sums,
    pictures: casePictures(ask, workspace),
    async mined(isWanted) {
      const puts = await ask<{ put: string }>(
        'select distinct put from lesionloop.cases where workspace = $1 union select put from lesionloop.cut_cases where workspace = $1',
        [workspace],
      )
      const found = new Map<string, MinedDocument>()
      for (const { put } of puts) if (isWanted(put)) found.set(put, await minedOf(ask, workspace, put))
      return found
    },
    async stamp() {
      const [row] = await ask<{ stamp: number }>(
        'select cases_stamp as stamp from lesionloop.workspaces where id = $1',
        [workspace],
      )
      return `${workspace} ${row?.stamp}`
    },
    async put(document, cases) {
      if (!of.canWrite)
        throw new LesionloopError(
          'store-read-only',
          'cases: this store was opened for reading; open it with { write: ["cases"] }',
        )
      const ids = new Set(cases.map(mined => mined.id))
      if (ids.size !== cases.length)
        throw new LesionloopError('case-repeated', `cases: ${document}: two of its cases have the same id`, {
          document,
        })
      // Done twice it comes to the same: tried again where the connection breaks.
      await withRetries(() =>
        database.inTransaction(async ask => {
          await lockCases(ask, workspace, 'alone')
          await putCases(ask, workspace, document, cases)
          const there = await ask(
            `update lesionloop.workspaces set cases_stamp = cases_stamp + 1
             where id = $1 and moved_at is null returning id`,
            [workspace],
          )
          if (there.length === 0) throw moved()
          await notify(ask, workspace, { by: of.me, what: 'cases' })
        }),
      )
    },
  }
}

/** A page of the list. The places are counted off in the index; what the cases hold is read of those on the page only. */
const inOrder = (condition: string, offset: number, limit: number): string =>
  `with page as materialized (
     select c.id from lesionloop.cases c where c.workspace = $1 and ${condition}
     order by ${ORDER} offset ${offset} limit ${limit}
   )
   select ${CASE_COLUMNS} from page join lesionloop.cases c on c.workspace = $1 and c.id = page.id
   order by ${ORDER}`

/** The newest cut first; each in the order in which it was put. */
async function minedOf(ask: Ask, workspace: number, put: string): Promise<MinedDocument> {
  const rows = await ask<{ mined: MinedCase }>(
    `select mined from lesionloop.cases where workspace = $1 and put = $2 order by number`,
    [workspace, put],
  )
  const earlier = await ask<{ mined: MinedCase }>(
    'select mined from lesionloop.cut_cases where workspace = $1 and put = $2 order by number desc',
    [workspace, put],
  )
  const cases = rows.map(({ mined }) => mined)
  return { cases, cut: [...cases.filter(({ drawn }) => drawn), ...earlier.map(({ mined }) => mined)] }
}

/** Puts a document's cases in the place of what was put for it before, with all acts laid over them. */
export async function putCases(
  ask: Ask,
  workspace: number,
  document: string,
  cases: readonly MinedCase[],
): Promise<void> {
  const ids = cases.map(({ id }) => plain(id))
  const gone = await ask<{ id: string; mined: MinedCase }>(
    `delete from lesionloop.cases where workspace = $1 and (put = $2 or id = any($3))
     returning id, mined`,
    [workspace, plain(document), ids],
  )
  const cut = gone.filter(({ mined }) => mined.drawn)
  if (cut.length > 0)
    await ask(
      `insert into lesionloop.cut_cases (workspace, put, mined)
       select $1, $2, mined::json from unnest($3::text[]) mined`,
      [workspace, plain(document), cut.map(({ mined }) => JSON.stringify(mined))],
    )
  for (let at = 0; at < cases.length; at += TOGETHER) {
    const some = cases.slice(at, at + TOGETHER)
    await insertCases(
      ask,
      workspace,
      document,
      some.map(mined => ({ mined, state: foldCase(mined, []) })),
    )
    await layActsOver(ask, workspace, some)
  }
  await ask(
    `update lesionloop.queue q set is_open = now.is_open from (
       select id, exists (
         select from lesionloop.cases c where c.workspace = $1 and c.id = given.id and c.is_ct and c.labelled_by = '{}'
       ) as is_open
       from unnest($2::text[]) as given (id)
     ) now
     where q.workspace = $1 and q.case_id = now.id and q.is_open <> now.is_open`,
    [workspace, [...new Set([...ids, ...gone.map(({ id }) => id)])]],
  )
}

/** Writes the facts of cases that acts reach: of these, and of others of their figures. */
async function layActsOver(ask: Ask, workspace: number, cases: readonly MinedCase[]): Promise<void> {
  const figures = [...new Set(cases.map(mined => plain(figureOf(mined))))]
  const acts = await actsByFigure(ask, workspace, figures)
  if (acts.size === 0) return
  const rows = await ask<CaseRow>(
    `select ${CASE_COLUMNS} from lesionloop.cases c where c.workspace = $1 and c.figure = any($2)`,
    [workspace, [...acts.keys()]],
  )
  await updateFacts(
    ask,
    workspace,
    rows.map(row => foldCase(row.mined, acts.get(row.figure) ?? [])),
  )
}

/**
 * All cases in order, some hundreds with one question.
 * @param of.retired also those that panels drawn by hand leave out, or a newer version took the place of
 */
export async function* walk(
  ask: Ask,
  workspace: number,
  of: { retired: boolean } = { retired: false },
): AsyncGenerator<CaseState> {
  let last: Record<'sort_key' | 'figure' | 'id', string> & { place: number } = {
    sort_key: '',
    figure: '',
    place: -1,
    id: '',
  }
  for (;;) {
    const rows: (CaseRow & typeof last)[] = await ask(
      `select ${CASE_COLUMNS}, c.sort_key, c.place, c.id from lesionloop.cases c
       where c.workspace = $1 and (c.sort_key, c.figure, c.place, c.id) > ($2, $3, $4, $5)
       order by ${ORDER} limit ${TOGETHER}`,
      [workspace, last.sort_key, last.figure, last.place, last.id],
    )
    for (const state of await statesOf(ask, workspace, rows)) if (of.retired || !state.retired) yield state
    const end = rows.at(-1)
    if (!end || rows.length < TOGETHER) return
    last = end
  }
}
