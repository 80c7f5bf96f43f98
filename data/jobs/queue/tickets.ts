import { randomBytes } from 'node:crypto'
import PgBoss from 'pg-boss'
import type { Ask, Database } from '../../stores/postgres/connection.ts'

/** Where pg-boss keeps its tables. */
const SCHEMA = 'lesionloop_jobs'
/** pg-boss takes a day at most. A ticket that runs out changes nothing: what counts stands in the pieces. */
const EXPIRES_HOURS = 23
const KEPT_DAYS = 365
const MAINTENANCE_SECONDS = 300
const LANES_LOCK = 7_136_202

/** Says which piece is next: pg-boss's job, which holds nothing but the piece's number. */
export interface Ticket {
  id: string
  lane: string
  job: string
  piece: number
}

export interface NewTicket extends Ticket {
  /** Higher ones are handed out first. */
  priority: number
  /** Not before so many milliseconds from now. */
  waitMs?: number
}

/** Tickets of a workspace. What changes them is done in the caller's transaction, so that a piece and its ticket agree. */
export interface Tickets {
  /** Makes lanes that are not there yet. Before a transaction, not in it. */
  prepare(lanes: Iterable<string>): Promise<void>
  put(ask: Ask, tickets: readonly NewTicket[]): Promise<void>
  /**
   * The next ticket of a lane, no longer to be had by others. Where it is refused (one of the lane is out already, and
   * no more than one may be) the transaction is spoilt: end it.
   */
  fetch(ask: Ask, lane: string): Promise<Ticket | undefined>
  /** Those that were handed out are done with. */
  complete(ask: Ask, lane: string, ids: readonly string[]): Promise<void>
  /** Takes back tickets that nobody has fetched. */
  remove(ask: Ask, lane: string, ids: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** Lanes in which only one ticket is out at a time. */
const isSingle = (lane: string) => /^train/.test(lane)

/**
 * Opens pg-boss on the connections of a database; makes its schema where it is missing.
 * @param maintain archives and removes what is done with, now and then; of several processes one does it.
 */
export async function openTickets(
  database: Database,
  workspace: number,
  { maintain }: { maintain: boolean },
): Promise<Tickets> {
  const over = (ask: Ask) => ({
    executeSql: async (text: string, values?: unknown[]) => ({ rows: await ask(text, values) }),
  })
  const boss = new PgBoss({
    db: over(database.ask),
    schema: SCHEMA,
    schedule: false,
    supervise: maintain,
    maintenanceIntervalSeconds: MAINTENANCE_SECONDS,
  })
  // A maintenance that failed is done again the next time.
  boss.on('error', () => undefined)
  await boss.start()
  // As it is called by pg-boss's own code; its types know of one id here, or of no output.
  const completeMany = boss.complete.bind(boss) as (
    name: string,
    ids: string[],
    output: undefined,
    options: PgBoss.ConnectionOptions,
  ) => Promise<void>
  const there = new Set<string>()
  const nameOf = (lane: string) => `${workspace}-${lane}`

  async function make(lane: string): Promise<void> {
    await boss.createQueue(nameOf(lane), {
      name: nameOf(lane),
      policy: isSingle(lane) ? 'singleton' : 'standard',
      // Tries are counted with the piece, by who sees it fail.
      retryLimit: 0,
      expireInSeconds: EXPIRES_HOURS * 3600,
      retentionMinutes: KEPT_DAYS * 1440,
    })
    there.add(lane)
  }

  return {
    async prepare(lanes) {
      const missing = () => [...new Set(lanes)].filter(lane => !there.has(lane))
      if (missing().length === 0) return
      const look = async () => {
        const queues = await boss.getQueues()
        for (const lane of missing()) if (queues.some(({ name }) => name === nameOf(lane))) there.add(lane)
      }
      await look()
      if (missing().length === 0) return
      // Two that make tables side by side would wait for each other: one at a time in the whole database.
      await database.inTransaction(async ask => {
        await ask('select pg_advisory_xact_lock($1)', [LANES_LOCK])
        await look()
        for (const lane of missing()) await make(lane)
      })
    },
    async put(ask, tickets) {
      if (tickets.length === 0) return
      await boss.insert(
        tickets.map(({ id, lane, job, piece, priority, waitMs }) => ({
          id,
          name: nameOf(lane),
          data: { job, piece },
          priority,
          // By the database's clock.
          startAfter: `${(waitMs ?? 0) / 1000} seconds`,
        })),
        { db: over(ask) },
      )
    },
    async fetch(ask, lane) {
      const [found] = await boss.fetch<{ job: string; piece: number }>(nameOf(lane), { db: over(ask) })
      return found ? { id: found.id, lane, ...found.data } : undefined
    },
    async complete(ask, lane, ids) {
      await completeMany(nameOf(lane), [...ids], undefined, { db: over(ask) })
    },
    async remove(ask, lane, ids) {
      await boss.deleteJob(nameOf(lane), [...ids], { db: over(ask) })
    },
    close: () => boss.stop({ graceful: false, close: false }),
  }
}

/** Ids that sort in the order in which they are made: tickets of one transaction are handed out in their order. */
export function ticketIds(count: number): string[] {
  const time = Date.now().toString(16).padStart(12, '0')
  const tail = randomBytes(6).toString('hex')
  return Array.from({ length: count }, (_, at) => {
    const place = at.toString(16).padStart(6, '0')
    return `${time.slice(0, 8)}-${time.slice(8)}-7${place.slice(0, 3)}-8${place.slice(3)}-${tail}`
  })
}
