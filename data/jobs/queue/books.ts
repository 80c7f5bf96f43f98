import { LesionloopError } from '../../errors.ts'
import type { Job } from '../../records/job.ts'
import { plain } from '../../stores/postgres/case-rows.ts'
import type { Ask, Database } from '../../stores/postgres/connection.ts'
import { tell } from './channel.ts'
import { type NewTicket, type Tickets, ticketIds } from './tickets.ts'
import type { NewPiece, Piece, WorkKind } from './work.ts'

/** The jobs of a workspace in the database, their pieces and tickets. */
export interface Books {
  database: Database
  /** Its number in the database. */
  workspace: number
  tickets: Tickets
  now: () => Date
}

/** A job's row while a transaction holds it: whoever changes anything of a job waits for that. */
export interface Held {
  job: Job
  wanted: 'cancel' | null
  stage: number
  /** Pieces of the stage. */
  pieces: number
  /** Those that have not ended. */
  open: number
  title: string | null
  next: NewPiece | null
}

/** Tickets of a stage that are out at a time: pg-boss looks at all that wait when it hands one out. */
const MOST_TICKETS = 256
const TOGETHER = 1000
const URGENT = 10

/**
 * Holds a job while work reads and changes it; what stands in `held` afterwards is written, and told to all.
 * @throws LesionloopError `job-unknown`.
 */
export async function holding<T>(
  { database, workspace }: Books,
  id: string,
  work: (ask: Ask, held: Held) => Promise<T>,
): Promise<T> {
  return await database.inTransaction(async ask => {
    // What was frozen in the middle of it lets go, and what waits for such a one gives up and comes again.
    await ask(`set local idle_in_transaction_session_timeout = '30s'; set local lock_timeout = '40s'`)
    const [held] = await ask<Held & Record<string, unknown>>(
      `select job, wanted, stage, pieces, open_pieces as open, stage_title as title, next
       from lesionloop.jobs where workspace = $1 and id = $2 for update`,
      [workspace, id],
    )
    if (!held) throw unknownJob(id)
    const before = JSON.stringify(held)
    const outcome = await work(ask, held)
    if (JSON.stringify(held) === before) return outcome
    await ask(
      `update lesionloop.jobs set job = $3, wanted = $4, stage = $5, pieces = $6, open_pieces = $7,
         stage_title = $8, next = $9, started_at = $10 where workspace = $1 and id = $2`,
      [
        workspace,
        id,
        JSON.stringify(held.job),
        held.wanted,
        held.stage,
        held.pieces,
        held.open,
        held.title,
        held.next === null ? null : JSON.stringify(held.next),
        held.job.startedAt,
      ],
    )
    await tell(ask, workspace, { what: 'job', job: id })
    return outcome
  })
}

export const unknownJob = (id: string) =>
  new LesionloopError('job-unknown', `job: ${id.slice(0, 60)}: no such job; see the list of jobs`)

export const laneOf = ({ kind, gpu }: Pick<NewPiece, 'kind' | 'gpu'>): string => (gpu ? `${kind}-gpu` : kind)

/** Lanes that a worker fetches from. */
export const lanesOf = (kind: WorkKind, gpu: boolean): string[] => (gpu ? [`${kind}-gpu`, kind] : [kind])

/** Puts in the pieces of a job's next stage; their lanes are there (`tickets.prepare`). */
export async function putIn(
  books: Books,
  ask: Ask,
  held: Held,
  { pieces, title, next }: { pieces: readonly NewPiece[]; title?: string; next?: NewPiece },
): Promise<void> {
  held.stage++
  held.pieces = pieces.length
  held.open = pieces.length
  held.title = title ?? null
  held.next = next ?? null
  for (let at = 0; at < pieces.length; at += TOGETHER) {
    const some = pieces.slice(at, at + TOGETHER)
    await ask(
      `insert into lesionloop.pieces (workspace, job, stage, step, kind, gpu, name, data)
       select $1, $2, $3, given.step, given.kind, given.gpu, given.name, given.data::json
       from unnest($4::text[], $5::text[], $6::boolean[], $7::text[], $8::text[]) with ordinality
         as given (step, kind, gpu, name, data, place) order by given.place`,
      [
        books.workspace,
        held.job.id,
        held.stage,
        some.map(({ step }) => step),
        some.map(({ kind }) => kind),
        some.map(({ gpu }) => gpu ?? false),
        some.map(({ name }) => plain(name)),
        some.map(({ data }) => JSON.stringify(data ?? null).replaceAll('\\u0000', '')),
      ],
    )
  }
  await handOut(books, ask, held, MOST_TICKETS)
}

/** Makes tickets for the next pieces that have none. */
export async function handOut(books: Books, ask: Ask, held: Held, most: number): Promise<void> {
  const rows = await ask<{ id: number; kind: WorkKind; gpu: boolean }>(
    `select id, kind, gpu from lesionloop.pieces
     where workspace = $1 and job = $2 and stage = $3 and state = 'waiting' and ticket is null
     order by id limit $4`,
    [books.workspace, held.job.id, held.stage, most],
  )
  const ids = ticketIds(rows.length)
  const tickets = rows.map(({ id, kind, gpu }, at): NewTicket => {
    const lane = laneOf({ kind, ...(gpu ? { gpu: true as const } : {}) })
    return { id: ids[at]!, lane, job: held.job.id, piece: id, priority: held.title === null ? URGENT : 0 }
  })
  await giveTickets(books, ask, tickets)
}

/** Ties tickets to their pieces and lets workers know. */
export async function giveTickets(books: Books, ask: Ask, tickets: readonly NewTicket[]): Promise<void> {
  if (tickets.length === 0) return
  await ask(
    `update lesionloop.pieces p set ticket = given.ticket, lane = given.lane
     from unnest($1::bigint[], $2::uuid[], $3::text[]) as given (piece, ticket, lane) where p.id = given.piece`,
    [tickets.map(({ piece }) => piece), tickets.map(({ id }) => id), tickets.map(({ lane }) => lane)],
  )
  await books.tickets.put(ask, tickets)
  for (const kind of new Set(tickets.map(({ lane }) => lane.replace(/-gpu$/, ''))))
    await tell(ask, books.workspace, { what: 'work', kind })
}

/** Takes back what no worker has taken yet. @returns how many pieces that were. */
export async function takeBack(books: Books, ask: Ask, job: string): Promise<number> {
  const rows = await ask<{ ticket: string | null; lane: string | null }>(
    `delete from lesionloop.pieces where workspace = $1 and job = $2 and state = 'waiting' returning ticket, lane`,
    [books.workspace, job],
  )
  for (const [lane, ids] of byLane(rows)) await books.tickets.remove(ask, lane, ids)
  return rows.length
}

/** Forgets all pieces of a job; who still works on one finds that out by its attempt. */
export async function forget(books: Books, ask: Ask, job: string): Promise<void> {
  await takeBack(books, ask, job)
  const rows = await ask<{ ticket: string | null; lane: string | null; state: string }>(
    `delete from lesionloop.pieces where workspace = $1 and job = $2 returning ticket, lane, state`,
    [books.workspace, job],
  )
  const out = rows.filter(({ state }) => state === 'running')
  for (const [lane, ids] of byLane(out)) await books.tickets.complete(ask, lane, ids)
  if (out.length > 0) await tell(ask, books.workspace, { what: 'stop', job })
}

function byLane(rows: readonly { ticket: string | null; lane: string | null }[]): Map<string, string[]> {
  const lanes = new Map<string, string[]>()
  for (const { ticket, lane } of rows)
    if (ticket && lane) lanes.set(lane, [...(lanes.get(lane) ?? []), ticket])
  return lanes
}

/** A piece's row. */
export type PieceRow = Omit<Piece, 'gpu'> & {
  gpu: boolean
  ticket: string
  lane: string
  error: { code: string; message: string } | null
} & Record<string, unknown>

export const PIECE_COLUMNS = 'id, job, step, kind, gpu, name, data, attempt, tries, ticket, lane, error'
