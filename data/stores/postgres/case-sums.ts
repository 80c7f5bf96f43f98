import { matcher } from '../case-filter.ts'
import { asEntry, type CaseShare, readShare } from '../case-share.ts'
import type { CaseFilter, CaseSums } from '../store.ts'
import { plain } from './case-rows.ts'
import type { Ask, Database } from './connection.ts'

const SCATTERED = 5000
/** Shares read out of their texts that are kept. */
const KEPT = 50_000
/** Cases that are walked past with one question. */
const TOGETHER = 10_000

interface Sum {
  share: CaseShare
  cases: number
}

/**
 * The numbers of a workspace, from the sums that the database keeps (004-scale.sql).
 * @param of.scattered rows beyond those that are needed, before they are put together.
 */
export function caseSums(
  database: Pick<Database, 'ask'>,
  workspace: number,
  { scattered: most = SCATTERED } = {},
): CaseSums & { count(filter: CaseFilter): Promise<number | undefined> } {
  const { ask } = database
  const read = new Map<string, CaseShare>()
  let last: { mark: string; sums: readonly Sum[] } | undefined
  let isGathering = false

  function shareOf(text: string): CaseShare {
    const known = read.get(text)
    if (known) return known
    if (read.size >= KEPT) read.clear()
    const share = readShare(text)
    read.set(text, share)
    return share
  }

  /** Changes with every act and put. */
  async function mark(): Promise<string> {
    const [row] = await ask<{ mark: string }>(
      `select last_seq || ' ' || cases_stamp as mark from lesionloop.workspaces where id = $1`,
      [workspace],
    )
    return row?.mark ?? ''
  }

  async function shares(): Promise<readonly Sum[]> {
    const now = await mark()
    if (last?.mark === now) return last.sums
    const rows = await ask<{ share: string; cases: number; rows: number }>(
      `select share, sum(cases)::bigint as cases, count(*) as rows from lesionloop.case_sums
       where workspace = $1 group by share`,
      [workspace],
    )
    const sums = rows.flatMap(({ share, cases }) => (cases === 0 ? [] : [{ share: shareOf(share), cases }]))
    last = { mark: now, sums }
    const scattered = rows.reduce((all, each) => all + each.rows, 0) - sums.length
    if (scattered > most && !isGathering) {
      isGathering = true
      gather(ask, workspace)
        // It is tried again with a later reading.
        .catch(() => undefined)
        .finally(() => {
          isGathering = false
        })
    }
    return sums
  }

  return {
    shares,
    async count(filter) {
      if (filter.document !== undefined || filter.assignedTo !== undefined || filter.search?.trim())
        return undefined
      const matches = matcher(filter)
      let count = 0
      for (const { share, cases } of await shares()) if (matches(asEntry(share))) count += cases
      return count
    },
    async documents(ids) {
      const rows = await ask<{ document: string; share: string; cases: number }>(
        `select document, share, count(*) as cases from lesionloop.cases
         where workspace = $1 and document = any($2) group by document, share`,
        [workspace, ids.map(plain)],
      )
      const found = new Map<string, { cases: number; labelled: number }>()
      for (const { document, share: text, cases } of rows) {
        const share = shareOf(text)
        if (share.retired) continue
        const sum = found.get(document) ?? { cases: 0, labelled: 0 }
        found.set(document, sum)
        sum.cases += cases
        if (share.labelled) sum.labelled += cases
      }
      return found
    },
    async firstOfTable(name) {
      const [row] = await ask<{ id: string }>(
        `select id from lesionloop.cases where workspace = $1 and table_name = $2 and not retired
         order by sort_key, figure, place, id limit 1`,
        [workspace, plain(name)],
      )
      return row?.id
    },
    async *walk() {
      for (let after = ''; ; ) {
        const rows = await ask<{ id: string; share: string }>(
          `select id, share from lesionloop.cases where workspace = $1 and id > $2 order by id limit ${TOGETHER}`,
          [workspace, after],
        )
        for (const { id, share } of rows) yield { id, share: shareOf(share) }
        const end = rows.at(-1)
        if (!end || rows.length < TOGETHER) return
        after = end.id
      }
    },
  }
}

/** Puts the rows of each share together; what another process is at is left to it. */
async function gather(ask: Ask, workspace: number): Promise<void> {
  await ask(
    `with gone as (
       delete from lesionloop.case_sums where ctid in (
         select ctid from lesionloop.case_sums where workspace = $1 for update skip locked
       ) returning share, cases
     )
     insert into lesionloop.case_sums
       select $1, share, sum(cases) from gone group by share having sum(cases) <> 0`,
    [workspace],
  )
}
