import { CASE_COLUMNS, type CaseRow, describeCases, statesOf } from './case-rows.ts'
import type { Database } from './connection.ts'
import { lockCases } from './locks.ts'

const TOGETHER = 500

/** Gives the cases that an earlier version wrote what 004-scale.sql asks of them; where there are none, one look. */
export async function fillShares(database: Database, workspace: number): Promise<void> {
  const some = (rows: number) =>
    `select ${CASE_COLUMNS} from lesionloop.cases c where c.workspace = $1 and c.share is null limit ${rows}`
  if ((await database.ask(some(1), [workspace])).length === 0) return
  for (;;) {
    const done = await database.inTransaction(async ask => {
      // Nobody acts on them or puts them meanwhile.
      await lockCases(ask, workspace, 'alone')
      const rows = await ask<CaseRow>(some(TOGETHER), [workspace])
      await describeCases(ask, workspace, await statesOf(ask, workspace, rows))
      return rows.length
    })
    if (done < TOGETHER) return
  }
}
