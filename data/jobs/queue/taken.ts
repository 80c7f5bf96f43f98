import type { Job, Progress } from '../../records/job.ts'
import type { Ask } from '../../stores/postgres/connection.ts'
import { type Ending, ended, withProgress } from '../record.ts'
import {
  type Books,
  forget,
  giveTickets,
  type Held,
  handOut,
  holding,
  laneOf,
  PIECE_COLUMNS,
  type PieceRow,
  putIn,
} from './books.ts'
import { ticketIds } from './tickets.ts'
import { type Outcome, type Piece, StopError } from './work.ts'

/** A piece as a worker holds it. */
export type TakenPiece = PieceRow

export interface Failure {
  code: string
  message: string
}

/** Kinds of which only one piece is worked on at a time in a workspace. */
const isAlone = (lane: string) => lane.startsWith('train')

/** Takes the next piece of a lane, and its ticket with it. @returns undefined where there is none to be had now. */
export async function take(books: Books, worker: string, lane: string): Promise<TakenPiece | undefined> {
  const { database, tickets, workspace } = books
  return await database.inTransaction(async ask => {
    if (isAlone(lane)) {
      await ask(`select pg_advisory_xact_lock(hashtextextended('lesionloop train', $1))`, [workspace])
      const [busy] = await ask(
        `select id from lesionloop.pieces where workspace = $1 and kind = 'train' and state = 'running' limit 1`,
        [workspace],
      )
      if (busy) return undefined
    }
    for (;;) {
      const ticket = await tickets.fetch(ask, lane)
      if (!ticket) return undefined
      const [row] = await ask<PieceRow>(
        `update lesionloop.pieces set state = 'running', attempt = attempt + 1, worker = $2
         where id = $1 and ticket = $3 and state = 'waiting' returning ${PIECE_COLUMNS}`,
        [ticket.piece, worker, ticket.id],
      )
      if (row) return row
      // Its piece is gone: cancelled meanwhile.
      await tickets.complete(ask, lane, [ticket.id])
    }
  })
}

/**
 * The job of a piece, running from now on, and whether this is the only piece of its stage.
 * @throws StopError where it was cancelled or taken over meanwhile.
 */
export async function begin(
  books: Books,
  piece: TakenPiece,
  host: string,
): Promise<{ job: Job; isOnly: boolean }> {
  return await holding(books, piece.job, async (ask, held) => {
    await own(ask, piece)
    if (held.wanted) throw new StopError('cancel')
    if (held.job.state === 'waiting') {
      const { progress: _progress, ...job } = held.job
      held.job = { ...job, state: 'running' }
    }
    const isOnly = held.title === null
    if (isOnly) held.job = { ...held.job, host }
    return { job: held.job, isOnly }
  })
}

/** Writes what a piece has done so far. @throws StopError where it was taken over. */
export async function progressed(
  books: Books,
  piece: TakenPiece,
  reports: readonly Progress[],
): Promise<void> {
  await holding(books, piece.job, async (ask, held) => {
    await ask('set local synchronous_commit = off')
    await own(ask, piece, 'look')
    takeIn(held, piece, reports)
  })
}

/**
 * Ends a piece with what came of it; both are there or neither.
 * @param as `put-aside` where it failed for good and the job goes on without it.
 * @throws StopError where it was taken over: nothing is written then.
 */
export async function finish(
  books: Books,
  piece: TakenPiece,
  outcome: Outcome,
  reports: readonly Progress[],
  as: 'done' | 'put-aside' = 'done',
): Promise<void> {
  if ('pieces' in outcome) await books.tickets.prepare([...outcome.pieces.map(laneOf)])
  const then = 'pieces' in outcome ? outcome.then : undefined
  if (then) await books.tickets.prepare([laneOf(then)])
  await holding(books, piece.job, async (ask, held) => {
    await own(ask, piece)
    await ask(
      `update lesionloop.pieces set state = $2, result = $3, worker = null, ticket = null where id = $1`,
      [piece.id, as, 'result' in outcome ? JSON.stringify(outcome.result ?? null) : null],
    )
    await books.tickets.complete(ask, piece.lane, [piece.ticket])
    held.open--
    takeIn(held, piece, reports)
    const isCancelled = held.wanted !== null
    const cancelled = () => close(books, ask, held, { code: null, signal: null, stopped: 'cancel' })
    if ('pieces' in outcome && outcome.pieces.length > 0) {
      if (isCancelled) return await cancelled()
      const { pieces, title } = outcome
      await putIn(books, ask, held, { pieces, title, ...(then ? { next: then } : {}) })
      held.job = { ...held.job, progress: { step: title, done: 0, total: pieces.length } }
      return
    }
    if (held.open > 0) {
      if (!isCancelled) await handOut(books, ask, held, 1)
      return
    }
    const next = then ?? held.next
    // A cancel that came when all was done came too late.
    if (isCancelled && (next !== null || held.title !== null)) return await cancelled()
    if (next) return await putIn(books, ask, held, { pieces: [next] })
    if ('result' in outcome && outcome.result !== undefined && held.title === null)
      held.job = { ...held.job, result: outcome.result }
    await close(books, ask, held, { code: 0, signal: null })
  })
}

/**
 * Gives a piece back: because it failed, to be tried again after a while that doubles each time; or because its worker
 * stops, to be taken up at once.
 */
export async function giveBack(
  books: Books,
  piece: TakenPiece,
  { failure, retryMs, reports = [] }: { failure?: Failure; retryMs: number; reports?: readonly Progress[] },
): Promise<void> {
  await holding(books, piece.job, async (ask, held) => {
    await own(ask, piece)
    const tries = piece.tries + (failure ? 1 : 0)
    await books.tickets.complete(ask, piece.lane, [piece.ticket])
    if (held.wanted) return await dropped(books, ask, held, piece)
    await ask(
      `update lesionloop.pieces set state = 'waiting', worker = null, tries = $2, error = $3 where id = $1`,
      [piece.id, tries, failure ? JSON.stringify(failure) : null],
    )
    const waitMs = failure ? retryMs * 2 ** (tries - 1) * (0.5 + Math.random() / 2) : 0
    const [id] = ticketIds(1)
    const priority = held.title === null ? 10 : 0
    await giveTickets(books, ask, [
      { id: id!, lane: piece.lane, job: piece.job, piece: piece.id, priority, waitMs },
    ])
    takeIn(held, piece, reports)
    if (held.title === null)
      held.job = {
        ...held.job,
        state: 'waiting',
        progress: {
          step: failure
            ? `waiting for another try: ${failure.message}`
            : 'waiting for a worker: the one before was stopped',
          done: 0,
          total: null,
        },
      }
  })
}

/** A piece that stopped because its job was cancelled. */
export async function stopped(books: Books, piece: TakenPiece, reports: readonly Progress[]): Promise<void> {
  await holding(books, piece.job, async (ask, held) => {
    await own(ask, piece)
    await books.tickets.complete(ask, piece.lane, [piece.ticket])
    takeIn(held, piece, reports)
    await dropped(books, ask, held, piece)
  })
}

/** Ends a job with an error; its other pieces stop. */
export async function fail(
  books: Books,
  piece: TakenPiece,
  error: Failure,
  reports: readonly Progress[],
): Promise<void> {
  await holding(books, piece.job, async (ask, held) => {
    await own(ask, piece)
    takeIn(held, piece, reports)
    await close(books, ask, held, { code: 1, signal: null, error })
  })
}

/** Ends the job: its record says how, its pieces are forgotten. */
export async function close(books: Books, ask: Ask, held: Held, ending: Ending): Promise<void> {
  await forget(books, ask, held.job.id)
  held.open = 0
  held.pieces = 0
  held.next = null
  held.wanted = null
  const { result, ...job } = ended(held.job, ending, books.now())
  held.job = { ...job, ...(job.state === 'done' && result !== undefined ? { result } : {}) }
}

async function dropped(books: Books, ask: Ask, held: Held, piece: TakenPiece): Promise<void> {
  await ask('delete from lesionloop.pieces where id = $1', [piece.id])
  held.open--
  if (held.open === 0) await close(books, ask, held, { code: null, signal: null, stopped: 'cancel' })
}

/**
 * Makes sure that a piece is still this attempt's.
 * @param how `look` does not wait for a fence: enough where only the job's record is written, under its lock.
 * @throws StopError where another holds the piece by now, or its job has ended.
 */
export async function own(
  ask: Ask,
  piece: Pick<Piece, 'id' | 'attempt'>,
  how: 'hold' | 'look' = 'hold',
): Promise<void> {
  const rows = await ask(
    `select id from lesionloop.pieces where id = $1 and attempt = $2 and state = 'running'
     ${how === 'hold' ? 'for update' : ''}`,
    [piece.id, piece.attempt],
  )
  if (rows.length === 0) throw new StopError('taken-over')
}

/** Of a job's only piece all is taken in; of many the problems, and how many are done. */
function takeIn(held: Held, piece: TakenPiece, reports: readonly Progress[]): void {
  for (const report of reports)
    held.job =
      held.title === null
        ? withProgress(held.job, report)
        : withProgress(held.job, {
            step: held.title,
            done: held.pieces - held.open,
            total: held.pieces,
            ...(report.detail ? { detail: report.detail } : {}),
            ...(report.problem ? { problem: report.problem } : {}),
          })
  if (held.title !== null)
    held.job = {
      ...held.job,
      progress: { step: held.title, done: held.pieces - held.open, total: held.pieces, detail: piece.name },
    }
}
