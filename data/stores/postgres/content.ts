import type { Act } from '../../records/act.ts'
import { type Fingerprint, fingerprint } from '../migrate/fingerprint.ts'
import { ACT_COLUMNS, type ActRow, actOf } from './case-rows.ts'
import { walk } from './cases.ts'
import type { Ask } from './connection.ts'

const TOGETHER = 2000

/** Acts from a number on, in order, some at a time. */
export async function* actsFrom(ask: Ask, workspace: number, from = 1): AsyncGenerator<Act> {
  for (let next = from; ; ) {
    const rows = await ask<ActRow>(
      `select ${ACT_COLUMNS} from lesionloop.acts a where a.workspace = $1 and a.seq >= $2
       order by a.seq limit ${TOGETHER}`,
      [workspace, next],
    )
    for (const row of rows) yield actOf(row)
    if (rows.length < TOGETHER) return
    next = rows.at(-1)!.seq + 1
  }
}

/** What a workspace of the database holds, as the transaction that asks sees it. */
export async function contentOf(
  ask: Ask,
  workspace: number,
  visit?: (read: { acts: number; cases: number }) => void,
): Promise<Fingerprint> {
  return await fingerprint(actsFrom(ask, workspace), walk(ask, workspace, { retired: true }), visit)
}

/** Whether nothing of worth is in it: no act, case or person. */
export async function isEmpty(ask: Ask, workspace: number): Promise<boolean> {
  const [row] = await ask<{ full: boolean }>(
    `select exists (select from lesionloop.acts where workspace = $1)
         or exists (select from lesionloop.cases where workspace = $1)
         or exists (select from lesionloop.accounts where workspace = $1) as full`,
    [workspace],
  )
  return !row!.full
}
