import { withRetries } from '../../stores/postgres/connection.ts'
import { type Books, holding, PIECE_COLUMNS } from './books.ts'
import { giveBack, type TakenPiece } from './taken.ts'
import { StopError, type WorkKind } from './work.ts'

/** How often things are looked at, in milliseconds. */
export interface Timing {
  /** A worker says that it is there. */
  beatMs: number
  /** Silent for so long, a worker is taken for dead. */
  deadMs: number
  /** Dead workers are looked for. */
  sweepMs: number
  /** A worker asks for work, also where nobody told it of any. */
  pollMs: number
  /** The first wait before a piece that failed is tried again; it doubles. */
  retryMs: number
  /** How often a piece is tried. */
  tries: number
  /** How long work may take to stop before it is killed. */
  graceMs: number
}

export const DEFAULT_TIMING: Timing = {
  beatMs: 5000,
  deadMs: 30_000,
  sweepMs: 5000,
  pollMs: 2000,
  retryMs: 5000,
  tries: 3,
  graceMs: 20_000,
}

/**
 * Sweeps now and then. Where the database could not be asked for long, nobody's silence says anything: workers get the
 * time of two beats to be heard of again.
 * @returns stops it.
 */
export function keepSweeping(books: Books, timing: Timing): () => void {
  let last = Date.now()
  let notBefore = 0
  const turn = async () => {
    await books.database.ask('select 1')
    const now = Date.now()
    if (now - last > timing.deadMs) notBefore = now + 2 * timing.beatMs
    last = now
    if (now >= notBefore) await sweep(books, timing)
  }
  const timer = setInterval(() => void turn().catch(() => undefined), timing.sweepMs).unref()
  return () => clearInterval(timer)
}

/** Gives what dead workers held to others, and says of jobs that wait what they wait for. Any process may do it. */
async function sweep(books: Books, timing: Timing): Promise<void> {
  const { database, workspace } = books
  await database.ask(
    `delete from lesionloop.workers where workspace = $1 and beat_at < now() - make_interval(secs => $2)`,
    [workspace, timing.deadMs / 1000],
  )
  const left = await database.ask<TakenPiece>(
    `select ${PIECE_COLUMNS} from lesionloop.pieces p where workspace = $1 and state = 'running'
     and not exists (select from lesionloop.workers w where w.id = p.worker)`,
    [workspace],
  )
  const failure = { code: 'worker-gone', message: 'the machine or the process that worked on it is gone' }
  for (const piece of left)
    await withRetries(() => giveBack(books, piece, { failure, retryMs: timing.retryMs })).catch(error => {
      // Somebody else was quicker.
      if (!(error instanceof StopError)) throw error
    })
  await sayWhatIsMissing(books)
}

async function sayWhatIsMissing(books: Books): Promise<void> {
  const { database, workspace } = books
  const waiting = await database.ask<{ job: string; kind: WorkKind; gpu: boolean }>(
    `select j.id as job, p.kind, p.gpu from lesionloop.jobs j
     join lateral (
       select kind, gpu from lesionloop.pieces p
       where p.workspace = j.workspace and p.job = j.id and p.state = 'waiting' order by id limit 1
     ) p on true
     where j.workspace = $1 and j.open_pieces > 0 and j.job->>'state' = 'waiting'
     and not exists (
       select from lesionloop.workers w where w.workspace = $1 and p.kind = any(w.kinds) and (w.gpu or not p.gpu)
     )`,
    [workspace],
  )
  for (const { job, kind, gpu } of waiting)
    await holding(books, job, async (_ask, held) => {
      if (held.job.state !== 'waiting') return
      const step = missing(kind, gpu)
      held.job = { ...held.job, progress: { step, done: 0, total: null } }
    })
}

const missing = (kind: WorkKind, gpu: boolean) =>
  gpu
    ? `waiting for a worker with a GPU: none is running; start \`lesionloop worker --kinds ${kind}\` on a machine that has one`
    : `waiting for a worker: none that does this is running; start \`lesionloop worker --kinds ${kind}\``
