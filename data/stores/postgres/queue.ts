import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import type { QueueEntry } from '../../records/cycle.ts'
import type { Workspace } from '../../workspace/open.ts'
import { newestSealed } from '../queue.ts'
import { QueueFile } from '../queue-file.ts'
import type { QueueOrder, QueueStore } from '../store.ts'
import { plain } from './case-rows.ts'
import type { Database } from './connection.ts'
import { takeInQueue } from './take-in-queue.ts'

/** Cases asked about with one question. */
const TOGETHER = 10_000

/** How long who asks waits for a new cycle's queue to be taken in, in milliseconds; then the one before it goes on. */
const PATIENCE_MS = 5000

/**
 * Lends the first open place behind a given one: workspace, cycle, the place, a case to pass over, who, for how many
 * seconds. What another transaction is looking at is passed over too, so that nobody waits.
 */
export const LEND = `
  with next as (
    select q.place from lesionloop.queue q
    where q.workspace = $1 and q.cycle = $2 and q.is_open and q.reading is not null and q.reading > $3
      and q.case_id <> $4 and (q.leased_to is null or q.leased_to = $5 or q.leased_until < now())
    order by q.reading limit 1 for update skip locked
  )
  update lesionloop.queue q set leased_to = $5, leased_until = now() + make_interval(secs => $6)
  from next where q.workspace = $1 and q.cycle = $2 and q.place = next.place
  returning q.entry`

/**
 * The queue of the newest sealed cycle. A cycle that was sealed in this machine's folder is taken into the database by
 * whoever first sees it; where the folder lacks it, its entries are read from the database once and kept in a file.
 */
export function queueStore(of: {
  database: Database
  workspace: number
  folder: Workspace
  me: string
}): QueueStore & { cycle(): Promise<string | null>; takeIn(): Promise<void>; close(): Promise<void> } {
  const { database, workspace, folder } = of
  const { ask } = database
  let known = QueueFile.none()
  let reading: { cycle: string; done: Promise<QueueFile> } | undefined
  let spool: string | undefined

  async function inDatabase(): Promise<string | null> {
    const [row] = await ask<{ id: string }>(
      'select id from lesionloop.cycles where workspace = $1 order by id::integer desc limit 1',
      [workspace],
    )
    return row?.id ?? null
  }

  /** A newer cycle in the folder than in the database is put into it. */
  async function takeIn(): Promise<void> {
    await cycle()
  }

  let taking: { cycle: string; done: Promise<void> } | undefined
  async function cycle(): Promise<string | null> {
    const there = await inDatabase()
    const here = newestSealed(folder)
    if (here === null || (there !== null && Number(here) <= Number(there))) return there
    if (taking?.cycle !== here) taking = { cycle: here, done: takeInQueue({ ...of, cycle: here }) }
    const mine = taking
    const forget = () => {
      if (taking === mine) taking = undefined
    }
    mine.done.then(forget, forget)
    const isTaken = await Promise.race([
      mine.done.then(() => true),
      later(PATIENCE_MS, false, { ref: false }),
    ])
    return isTaken ? here : there
  }

  async function order(): Promise<QueueFile> {
    const newest = await cycle()
    if (newest === known.cycle) return known
    if (newest === null) {
      known.close()
      known = QueueFile.none()
      return known
    }
    if (reading?.cycle !== newest) reading = { cycle: newest, done: read(newest) }
    const mine = reading
    try {
      const file = await mine.done
      if (known !== file) known.close()
      known = file
    } finally {
      if (reading === mine) reading = undefined
    }
    return known
  }

  async function read(id: string): Promise<QueueFile> {
    const own = join(folder.paths.cycle(id), 'queue.jsonl')
    if (existsSync(own)) return QueueFile.read(id, own, name => name)
    spool ??= await mkdtemp(join(tmpdir(), 'lesionloop-queue-'))
    const path = join(spool, `${id}.jsonl`)
    await writeFile(path, '')
    for (let from = 0; ; ) {
      const rows = await ask<{ place: number; entry: QueueEntry }>(
        `select place, entry from lesionloop.queue where workspace = $1 and cycle = $2 and place >= $3
         order by place limit ${TOGETHER}`,
        [workspace, id, from],
      )
      await writeFile(path, rows.map(({ entry }) => `${JSON.stringify(entry)}\n`).join(''), { flag: 'a' })
      if (rows.length < TOGETHER) break
      from = rows.at(-1)!.place + 1
    }
    return QueueFile.read(id, path, name => name)
  }

  async function areOpen(ids: readonly string[]): Promise<boolean[]> {
    if (ids === known.cases) return openPlaces(known)
    const open = new Set<string>()
    for (let at = 0; at < ids.length; at += TOGETHER) {
      const rows = await ask<{ id: string }>(
        `select id from lesionloop.cases where workspace = $1 and id = any($2) and is_ct and labelled_by = '{}'`,
        [workspace, ids.slice(at, at + TOGETHER).map(plain)],
      )
      for (const { id } of rows) open.add(id)
    }
    return ids.map(id => open.has(plain(id)))
  }

  /** Of the whole queue the few are asked for that are decided. */
  async function openPlaces({ cycle, cases }: QueueFile): Promise<boolean[]> {
    const rows = await ask<{ place: number }>(
      'select place from lesionloop.queue where workspace = $1 and cycle = $2 and not is_open',
      [workspace, cycle],
    )
    const open = new Array<boolean>(cases.length).fill(true)
    for (const { place } of rows) open[place] = false
    return open
  }

  /** Of two servers that ask at once neither waits for the other: what one looks at, the other skips. */
  async function lend(
    newest: string,
    who: string,
    of: { after?: string; seconds: number; beyond: number },
  ): Promise<QueueEntry | undefined> {
    const [row] = await ask<{ entry: QueueEntry }>(LEND, [
      workspace,
      newest,
      of.beyond,
      plain(of.after ?? ''),
      who,
      of.seconds,
    ])
    return row?.entry
  }

  return {
    cycle,
    takeIn,
    order: order as () => Promise<QueueOrder>,
    areOpen,
    async read({ all = false } = {}) {
      const queue = await order()
      const open = all ? undefined : await areOpen(queue.cases)
      const entries = queue.cases.flatMap((_, at) => (!open || open[at] ? [queue.entry(at)] : []))
      return { cycle: queue.cycle, entries }
    },
    async lease(who, { after, seconds }) {
      const newest = await cycle()
      if (newest === null) return undefined
      const [place] =
        after === undefined
          ? []
          : await ask<{ reading: number }>(
              `select reading from lesionloop.queue
               where workspace = $1 and cycle = $2 and case_id = $3 and reading is not null`,
              [workspace, newest, plain(after)],
            )
      const how = { ...(after === undefined ? {} : { after }), seconds }
      const found = await lend(newest, who, { ...how, beyond: place?.reading ?? -1 })
      return found ?? (place ? await lend(newest, who, { ...how, beyond: -1 }) : undefined)
    },
    async release(who, caseId) {
      await ask(
        `update lesionloop.queue set leased_to = null, leased_until = null
         where workspace = $1 and leased_to = $2 and ($3::text is null or case_id = $3)`,
        [workspace, who, caseId === undefined ? null : plain(caseId)],
      )
    },
    async close() {
      known.close()
      if (spool) await rm(spool, { recursive: true, force: true })
    },
  }
}
