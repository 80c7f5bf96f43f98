import { LesionloopError } from '../../errors.ts'
import { reaching } from '../../journal/reach.ts'
import { type Act, type ActDraft, actDraft } from '../../records/act.ts'
import type { CaseState, MinedCase } from '../../records/case.ts'
import { checked } from '../../workspace/files.ts'
import type { ActStore } from '../store.ts'
import { ACT_COLUMNS, type ActRow, actOf, actsByFigure, plain } from './case-rows.ts'
import { type Database, withRetries } from './connection.ts'
import { actsFrom } from './content.ts'
import { type Outcome, type Wanted, writeActs } from './write-acts.ts'

/** Most acts of one transaction. */
const BATCH = 256

interface Waiting extends Wanted {
  resolve(answer: { act: Act; state: CaseState }): void
  reject(error: unknown): void
}

/**
 * Acts over the database. Those that wait at the same time share one transaction, and one wait for the disk; they keep
 * their order. A broken connection leaves unknown whether its commit was done: the batch is asked again, and the
 * operations' ids tell what is there already.
 */
export function actStore(of: {
  database: Database
  workspace: number
  canWrite: boolean
  me: string
  now: () => Date
  /** Numbers that this process wrote: it is not told of them again. */
  wrote: (seqs: readonly number[]) => void
}): ActStore & { close(): Promise<void> } {
  const { database, workspace } = of
  const { ask } = database
  let waiting: Waiting[] = []
  let running: Promise<void> | undefined
  let closed = false

  async function run(): Promise<void> {
    // Let everything that asks in this turn of the event loop share the first transaction.
    await new Promise(resolve => setImmediate(resolve))
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH)
      waiting = waiting.slice(BATCH)
      try {
        const outcomes = await withRetries(() => writeActs(database, workspace, batch, of))
        waiting = [...settle(batch, outcomes), ...waiting]
      } catch (error) {
        for (const one of batch) one.reject(error)
      }
    }
    running = undefined
  }

  /** Answers those that are decided; gives back those that have to wait for the next transaction. */
  function settle(batch: readonly Waiting[], outcomes: readonly Outcome[]): Waiting[] {
    const seqs = outcomes.flatMap(outcome =>
      'written' in outcome && outcome.written ? [outcome.act.seq] : [],
    )
    of.wrote(seqs)
    return batch.flatMap((one, i) => {
      const outcome = outcomes[i]!
      if ('later' in outcome) return [one]
      if ('error' in outcome) one.reject(outcome.error)
      else one.resolve({ act: outcome.act, state: outcome.state })
      return []
    })
  }

  return {
    async append(who, given) {
      if (!of.canWrite)
        throw new LesionloopError(
          'store-read-only',
          'labels: this store was opened for reading; open it for writing labels',
        )
      if (closed) throw new LesionloopError('journal-closed', 'journal: closed; open the workspace again')
      const draft: ActDraft = checked(actDraft, given, 'act', 'nothing was saved', 'act-invalid')
      if (!who) throw new LesionloopError('act-invalid', 'act: who: empty; log in first')
      // Columns hold neither NUL nor half a character; an id like that is nobody's.
      if (plain(draft.op + who) !== draft.op + who)
        throw new LesionloopError('act-invalid', 'act: op: expected plain characters; give another id')
      return new Promise((resolve, reject) => {
        waiting.push({ who, draft, resolve, reject })
        running ??= run()
      })
    },
    read: (fromSeq = 1) => actsFrom(ask, workspace, fromSeq),
    async ofCase(id) {
      const [row] = await ask<{ figure: string; mined: MinedCase }>(
        'select figure, mined from lesionloop.cases where workspace = $1 and id = $2',
        [workspace, plain(id)],
      )
      if (row)
        return reaching(row.mined, (await actsByFigure(ask, workspace, [row.figure])).get(row.figure) ?? [])
      const rows = await ask<ActRow>(
        `select ${ACT_COLUMNS} from lesionloop.acts a where a.workspace = $1 and a.case_id = $2 order by a.seq`,
        [workspace, plain(id)],
      )
      return rows.map(actOf)
    },
    async lastSeq() {
      const [row] = await ask<{ seq: number }>(
        'select last_seq as seq from lesionloop.workspaces where id = $1',
        [workspace],
      )
      return row?.seq ?? 0
    },
    async close() {
      closed = true
      await running
    },
  }
}
