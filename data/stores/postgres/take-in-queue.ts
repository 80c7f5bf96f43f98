import { join } from 'node:path'
import type { Workspace } from '../../workspace/open.ts'
import { readingPlaces } from '../leases.ts'
import { QueueFile } from '../queue-file.ts'
import { plain } from './case-rows.ts'
import type { Ask, Database } from './connection.ts'
import { lockCases } from './locks.ts'
import { notify } from './notices.ts'

/** Entries written with one question. */
const TOGETHER = 5000
const IS_OPEN = `exists (
  select from lesionloop.cases c
  where c.workspace = $1 and c.id = q.case_id and c.is_ct and c.labelled_by = '{}'
)`

/**
 * Puts the queue of a cycle that was sealed in this machine's folder into the database, once, whoever else tries. Its
 * rows are written first, while everybody works on; what acts and puts changed meanwhile is set right in a short
 * moment alone, and only then it is the newest.
 */
export async function takeInQueue(of: {
  database: Database
  workspace: number
  folder: Workspace
  me: string
  cycle: string
}): Promise<void> {
  const { database, workspace, cycle } = of
  const file = await QueueFile.read(cycle, join(of.folder.paths.cycle(cycle), 'queue.jsonl'), id => id)
  try {
    const before = await marks(database.ask, workspace)
    await database.inTransaction(async ask => {
      if (!(await isMissing(ask, workspace, cycle))) return
      await ask('delete from lesionloop.queue where workspace = $1 and cycle = $2', [workspace, cycle])
      await writeEntries(ask, workspace, file)
    })
    await database.inTransaction(async ask => {
      if (!(await isMissing(ask, workspace, cycle))) return
      await lockCases(ask, workspace, 'alone')
      const now = await marks(ask, workspace)
      // Where documents were put meanwhile any case may have come or gone; else only those that acts reached.
      const touched =
        now.stamp === before.stamp
          ? `and q.case_id in (
               select c.id from lesionloop.cases c join lesionloop.acts a
                 on a.workspace = $1 and (a.figure = c.figure or a.case_id = c.id or a.case_id = any(c.supersedes))
               where c.workspace = $1 and a.seq > $3)`
          : 'and $3::bigint is not null'
      await ask(
        `update lesionloop.queue q set is_open = not q.is_open
         where q.workspace = $1 and q.cycle = $2 and q.is_open <> ${IS_OPEN} ${touched}`,
        [workspace, cycle, before.seq],
      )
      await ask('insert into lesionloop.cycles (workspace, id) values ($1, $2)', [workspace, cycle])
      await ask('delete from lesionloop.queue where workspace = $1 and cycle <> $2', [workspace, cycle])
      await notify(ask, workspace, { by: of.me, what: 'queue' })
    })
    // Made in one go, the rows are unknown to the planner until it looks at them.
    await database.ask('analyze lesionloop.queue')
  } finally {
    file.close()
  }
}

/** Of several processes that see a new cycle one takes it in; the others find it there when it is their turn. */
async function isMissing(ask: Ask, workspace: number, cycle: string): Promise<boolean> {
  await ask(`select pg_advisory_xact_lock(hashtextextended('lesionloop queue', $1))`, [workspace])
  const rows = await ask('select from lesionloop.cycles where workspace = $1 and id::integer >= $2', [
    workspace,
    Number(cycle),
  ])
  return rows.length === 0
}

async function marks(ask: Ask, workspace: number): Promise<{ seq: number; stamp: number }> {
  const [row] = await ask<{ seq: number; stamp: number }>(
    'select last_seq as seq, cases_stamp as stamp from lesionloop.workspaces where id = $1',
    [workspace],
  )
  return row!
}

async function writeEntries(ask: Ask, workspace: number, file: QueueFile): Promise<void> {
  const reading = new Map(readingPlaces(file).map((place, at) => [place, at]))
  const seen = new Set<string>()
  for (let from = 0; from < file.cases.length; from += TOGETHER) {
    const to = Math.min(from + TOGETHER, file.cases.length)
    const places = Array.from({ length: to - from }, (_, i) => from + i)
    const isFirst = places.map(at => {
      const id = file.cases[at]!
      if (seen.has(id)) return false
      seen.add(id)
      return true
    })
    await ask(
      `insert into lesionloop.queue (workspace, cycle, place, reading, queue, case_id, is_first, entry, is_open)
       select $1, $2, q.place, q.reading, q.queue, q.case_id, q.is_first, q.entry::json, ${IS_OPEN}
       from unnest($3::integer[], $4::integer[], $5::text[], $6::text[], $7::boolean[], $8::text[])
         as q (place, reading, queue, case_id, is_first, entry)`,
      [
        workspace,
        file.cycle,
        places,
        places.map(at => reading.get(at) ?? null),
        places.map(at => file.queueOf(at)),
        places.map(at => plain(file.cases[at]!)),
        isFirst,
        places.map(at => JSON.stringify(file.entry(at))),
      ],
    )
  }
}
