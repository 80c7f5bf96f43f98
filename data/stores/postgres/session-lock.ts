import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from './connection.ts'

/** A lock that goes with its connection: whoever dies gives it back. */
export interface SessionLock {
  release(): Promise<void>
}

export interface SessionLockHolder {
  /** For which job it was taken; `-` where a person ran the command. */
  job: string
  /** "host:pid" of the process. */
  process: string
  since: Date
}

const NAME = 'lesionloop lock'
/** An application's name is cut at 63 bytes. */
const nameOf = (job: string) => `${NAME} ${job} ${hostname()}:${process.pid}`.slice(0, 63)
const KEY = `hashtextextended($1, $2)`
const HOLDERS = `select a.pid, a.application_name as name, a.backend_start as since
  from pg_locks l join pg_stat_activity a on a.pid = l.pid
  where l.locktype = 'advisory' and l.granted and l.objsubid = 1
  and (l.classid::bigint << 32 | l.objid::bigint) = ${KEY} and l.database = a.datid`

/**
 * Takes a lock of a workspace on a connection of its own, without waiting. A machine that vanishes is noticed by the
 * database within half a minute (TCP keepalives). What still holds it for the same job is an earlier try that was taken
 * for dead: its connection is ended.
 * @returns the lock, or who holds it.
 */
export async function takeSessionLock(
  database: Database,
  workspace: number,
  what: string,
  job = '-',
): Promise<SessionLock | SessionLockHolder> {
  const client = await database.connect()
  let isTaken = false
  try {
    await client.query(`set application_name = '${nameOf(job).replaceAll("'", '')}'`)
    await client.query(
      'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3',
    )
    const tryIt = async () =>
      (
        await client.query<{ taken: boolean }>(`select pg_try_advisory_lock(${KEY}) as taken`, [
          what,
          workspace,
        ])
      ).rows[0]!.taken
    for (let attempt = 0; ; attempt++) {
      isTaken = await tryIt()
      if (isTaken) return { release: () => client.end() }
      const [holder] = (
        await client.query<{ pid: number; name: string; since: Date }>(HOLDERS, [what, workspace])
      ).rows
      const [, by = '-', at = 'another machine'] =
        /^lesionloop lock (\S+) (\S+)/.exec(holder?.name ?? '') ?? []
      const isEarlierTry = job !== '-' && by === job
      // Given back between the two questions: asked again.
      const isGone = !holder && attempt < 20
      if (!isGone && !(isEarlierTry && attempt < 20))
        return { job: by, process: at, since: holder?.since ?? new Date() }
      if (holder) await client.query('select pg_terminate_backend($1)', [holder.pid])
      await delay(100)
    }
  } finally {
    if (!isTaken) await client.end()
  }
}
