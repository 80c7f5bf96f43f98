import { foldCase } from '../../journal/fold.ts'
import { figureOf } from '../../journal/reach.ts'
import type { Act } from '../../records/act.ts'
import type { CaseState, MinedCase } from '../../records/case.ts'
import { LESIONS } from '../../records/vocabulary.ts'
import { factsOf } from '../case-entry.ts'
import { isTableRow, shareOf, shareText } from '../case-share.ts'
import type { Ask, Row } from './connection.ts'

/** Columns of the facts that filters ask for; they change with acts. */
export const FACT_COLUMNS = [
  'version integer',
  'is_ct boolean',
  'retired boolean',
  'findings text[]',
  'labelled_by text[]',
  'assigned text[]',
  'disagreement boolean',
  'discuss boolean',
  'uncertain boolean',
  'search text',
  'share text',
] as const

const FIXED_COLUMNS = [
  'id text',
  'put text',
  'document text',
  'figure text',
  'sort_key text',
  'place integer',
  'supersedes text[]',
  'image text',
  'table_name text',
] as const

const nameOf = (column: string) => column.split(' ')[0]!

/** What PostgreSQL's text can't hold (NUL, halves of surrogate pairs), replaced: for columns that only find a case. */
export const plain = (text: string): string => Buffer.from(text).toString().replaceAll('\0', '\ufffd')

/** The facts of a case as it stands, by column. */
export function factsRow(state: CaseState): Row {
  const facts = factsOf(state)
  return {
    version: facts.version,
    is_ct: facts.isCt,
    retired: state.retired === true,
    findings: LESIONS.map(lesion => state.mined.findings[lesion]),
    labelled_by: facts.labelledBy.map(plain),
    assigned: facts.assigned.map(plain),
    disagreement: facts.disagreement,
    discuss: facts.discuss,
    uncertain: facts.uncertain,
    share: shareText(shareOf(state)),
    // A newline between caption and names: a word that is searched never reaches over it.
    search: plain(`${state.caption}\n${state.id} ${state.source.file}`.toLowerCase()),
  }
}

/** Sorts figures by document and number ("Figure 2" before "Figure 10"). */
function sortKey(mined: MinedCase, put: string): string {
  const number = (mined.figure ?? '').replace(/\d+/g, digits => digits.padStart(8, '0'))
  return plain(`${mined.document ?? put}\u0001${number}`)
}

/** Writes cases that are not there yet. */
export async function insertCases(
  ask: Ask,
  workspace: number,
  put: string,
  cases: readonly { mined: MinedCase; state: CaseState }[],
): Promise<void> {
  const rows = cases.map(({ mined, state }) => ({
    id: plain(mined.id),
    put: plain(put),
    document: mined.document === null ? null : plain(mined.document),
    figure: plain(figureOf(mined)),
    sort_key: sortKey(mined, put),
    place: mined.order,
    supersedes: mined.supersedes?.map(plain) ?? null,
    image: plain(mined.image),
    table_name: isTableRow(mined) ? plain(mined.source.name) : null,
    ...factsRow(state),
  }))
  const columns = [...FIXED_COLUMNS, ...FACT_COLUMNS]
  const names = columns.map(nameOf).join(', ')
  // The case itself goes beside the rows: inside of them, JSON's escapes would be read as text.
  await ask(
    `insert into lesionloop.cases (workspace, ${names}, mined)
     select $1, ${names}, mined::json
     from rows from (json_to_recordset($2::json) as (${columns.join(', ')}), unnest($3::text[]))
       as row (${names}, mined)`,
    [workspace, JSON.stringify(rows), cases.map(({ mined }) => JSON.stringify(mined))],
  )
}

/**
 * Writes the facts of cases as they stand now, and with them which places of the queue are open. Of a figure's cases an
 * act changes one, as a rule: the others are not written anew, which would cost a place in each index.
 */
export async function updateFacts(ask: Ask, workspace: number, states: readonly CaseState[]): Promise<void> {
  if (states.length === 0) return
  const rows = states.map(state => ({ id: plain(state.id), ...factsRow(state) }))
  const names = FACT_COLUMNS.map(nameOf)
  await ask(
    `with changed as (
       update lesionloop.cases c
       set ${names.map(name => `${name} = row.${name}`).join(', ')}
       from json_to_recordset($2::json) as row (id text, ${FACT_COLUMNS.join(', ')})
       where c.workspace = $1 and c.id = row.id
         and (${names.map(name => `c.${name}`).join(', ')})
           is distinct from (${names.map(name => `row.${name}`).join(', ')})
       returning c.id, c.is_ct and c.labelled_by = '{}' as is_open
     )
     update lesionloop.queue q set is_open = changed.is_open, leased_to = null, leased_until = null
     from changed
     where q.workspace = $1 and q.case_id = changed.id and q.is_open <> changed.is_open`,
    [workspace, JSON.stringify(rows)],
  )
}

/** Writes what the scale asks of cases that were put by an earlier version. */
export async function describeCases(
  ask: Ask,
  workspace: number,
  states: readonly CaseState[],
): Promise<void> {
  await ask(
    `update lesionloop.cases c set share = given.share, image = given.image, table_name = given.table_name
     from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as given (id, share, image, table_name)
     where c.workspace = $1 and c.id = given.id`,
    [
      workspace,
      states.map(({ id }) => plain(id)),
      states.map(state => shareText(shareOf(state))),
      states.map(({ image }) => plain(image)),
      states.map(state => (isTableRow(state) ? plain(state.source.name) : null)),
    ],
  )
}

/** A case as a query gives it. */
export interface CaseRow extends Row {
  figure: string
  version: number
  mined: MinedCase
}
export const CASE_COLUMNS = 'c.figure, c.version, c.mined'

export interface ActRow extends Row {
  seq: number
  op: string
  at: string
  who: string
  case_id: string
  base: number
  act: Act['act']
}
export const ACT_COLUMNS = 'a.seq, a.op, a.at, a.who, a.case_id, a.base, a.act'

export const actOf = ({ seq, op, at, who, case_id, base, act }: ActRow): Act => ({
  seq,
  op,
  at,
  who,
  case: case_id,
  base,
  act,
})

/** The acts that may reach cases of some figures: made at these, at cases of theirs that are gone, or of earlier versions. */
export async function actsByFigure(
  ask: Ask,
  workspace: number,
  figures: readonly string[],
): Promise<Map<string, Act[]>> {
  const byFigure = new Map<string, Act[]>()
  if (figures.length === 0) return byFigure
  const rows = await ask<ActRow & { of: string }>(
    `with reach as (
       select figure as of, id as case_id from lesionloop.cases where workspace = $1 and figure = any($2)
       union
       select figure, unnest(supersedes) from lesionloop.cases
       where workspace = $1 and figure = any($2) and supersedes is not null
     )
     select reach.of, ${ACT_COLUMNS} from reach
       join lesionloop.acts a on a.workspace = $1 and a.case_id = reach.case_id
     union all
     select a.figure, ${ACT_COLUMNS} from lesionloop.acts a where a.workspace = $1 and a.figure = any($2)
     order by seq`,
    [workspace, figures],
  )
  for (const { of, ...row } of rows) {
    const own = byFigure.get(of) ?? []
    byFigure.set(of, own)
    if (own.at(-1)?.seq !== row.seq) own.push(actOf(row as ActRow))
  }
  return byFigure
}

/** The cases as they stand. Acts are asked for only where there are any. */
export async function statesOf(ask: Ask, workspace: number, rows: readonly CaseRow[]): Promise<CaseState[]> {
  const figures = new Set(rows.filter(row => row.version > 0).map(row => row.figure))
  const acts = await actsByFigure(ask, workspace, [...figures])
  return rows.map(row => foldCase(row.mined, acts.get(row.figure) ?? []))
}
