import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { messageOf } from '../../errors.ts'
import { type DatabaseAddress, databaseOf } from '../../stores/database-address.ts'
import type { Workspace } from '../../workspace/open.ts'
import { packageVersion } from '../../workspace/package-root.ts'
import type { Program } from '../child.ts'
import { lanesOf, PIECE_COLUMNS } from './books.ts'
import { hear } from './channel.ts'
import { type AtWork, doPiece, leave } from './do-piece.ts'
import { openBooks } from './open-books.ts'
import { DEFAULT_TIMING, keepSweeping, type Timing } from './sweep.ts'
import { type TakenPiece, take } from './taken.ts'
import { type Handlers, type Stop, StopError, WORK_KINDS, type WorkKind } from './work.ts'

export interface WorkerOptions {
  /** The database; where nothing is said, what the environment or the settings name. */
  address?: DatabaseAddress
  /** What it does; all kinds where nothing is said. */
  kinds?: readonly WorkKind[]
  /** Whether this machine has a GPU that the trainer can use. */
  gpu?: boolean
  /** Pieces of a kind at a time; one where nothing is said. */
  slots?: Partial<Record<WorkKind, number>>
  /** Who does which step; a step that nobody is named for runs the job's verb. */
  handlers?: Handlers
  /** What verbs run; the built command line where nothing else is said. */
  program?: Program
  timing?: Partial<Timing>
  /** Told of each piece when it is taken and when it has ended, in a line. */
  say?: (line: string) => void
}

export interface Worker {
  readonly id: string
  /** Asks what runs to stop at its next safe point and gives it back to the others. */
  close(): Promise<void>
}

/**
 * Takes work of a workspace's jobs and does it, until it is closed: any number of these on any number of machines. What
 * it holds is given to others when it has not been heard of for a while; what it does after that counts no more.
 */
export async function openWorker(workspace: Workspace, options: WorkerOptions = {}): Promise<Worker> {
  const { kinds = WORK_KINDS, gpu = false, slots = {}, handlers = {}, say = () => undefined } = options
  const timing = { ...DEFAULT_TIMING, ...options.timing }
  const books = await openBooks(options.address ?? databaseOf(workspace)!, { maintain: true })
  const { database } = books
  const id = randomUUID()
  const host = hostname()
  const { program } = options
  const at: AtWork = { workspace, books, timing, handlers, host, say, ...(program ? { program } : {}) }
  const running = new Map<TakenPiece, { stop(why: Stop): void; done: Promise<void> }>()
  const wakers = new Map<string, () => void>()
  let closing = false
  /** Ours by the database, and not by what is being done here. */
  let strays: TakenPiece[] = []

  const register = () =>
    database.ask(
      `insert into lesionloop.workers (workspace, id, host, pid, kinds, gpu, version)
       values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do update set beat_at = now()`,
      [books.workspace, id, host, process.pid, kinds, gpu, packageVersion()],
    )

  /** Says that it is there, and looks whether what it does is still its own and still wanted. */
  async function beat(): Promise<void> {
    await register()
    const mine = await database.ask<TakenPiece & { wanted: string | null }>(
      `select ${PIECE_COLUMNS}, (
         select wanted from lesionloop.jobs j where j.workspace = p.workspace and j.id = p.job
       ) from lesionloop.pieces p where p.worker = $1 and p.state = 'running'`,
      [id],
    )
    for (const [piece, { stop }] of running) {
      const row = mine.find(each => isSame(each, piece))
      if (!row) stop('taken-over')
      else if (row.wanted) stop('cancel')
    }
    // Ended here while the database was away, so that nobody heard of it. One that was just taken is not among them.
    const left = mine.filter(row => ![...running.keys()].some(piece => isSame(row, piece)))
    for (const piece of left)
      if (strays.some(each => isSame(each, piece)))
        await leave(at, piece, new Error('its end was not heard'), [])
    strays = left
  }

  await register()
  await books.tickets.prepare(kinds.flatMap(kind => lanesOf(kind, gpu)))
  const wakeAll = () => {
    for (const wake of wakers.values()) wake()
  }
  const look = () => void beat().catch(() => undefined)
  const hearing = await hear(
    database,
    books.workspace,
    word => {
      if (word.what === 'work') wakers.get(word.kind)?.()
      else if (word.what === 'stop' && [...running.keys()].some(({ job }) => job === word.job)) look()
    },
    () => {
      wakeAll()
      look()
    },
  )
  const beating = setInterval(look, timing.beatMs)
  const stopSweeping = keepSweeping(books, timing)
  const feeding = kinds.map(kind => feed(kind))

  /** Takes pieces of a kind as long as there are any and hands are free. */
  async function feed(kind: WorkKind): Promise<void> {
    while (!closing) {
      const busy = [...running].filter(([piece]) => piece.kind === kind)
      if (busy.length >= (slots[kind] ?? 1)) {
        await Promise.race(busy.map(([, { done }]) => done))
        continue
      }
      const woken = new Promise<void>(resolve => wakers.set(kind, resolve))
      const piece = await next(kind).catch(() => undefined)
      if (piece) start(piece)
      else await Promise.race([woken, pause(timing.pollMs)])
    }
  }

  async function next(kind: WorkKind): Promise<TakenPiece | undefined> {
    for (const lane of lanesOf(kind, gpu)) {
      if (kind === 'train' && !gpu && (await isGpuThere())) continue
      const piece = await take(books, id, lane)
      if (piece) return piece
    }
    return undefined
  }

  /** Training is left to a worker with a GPU where one is alive. */
  async function isGpuThere(): Promise<boolean> {
    const rows = await database.ask(
      `select id from lesionloop.workers where workspace = $1 and gpu and 'train' = any(kinds)
       and beat_at > now() - make_interval(secs => $2) limit 1`,
      [books.workspace, timing.deadMs / 1000],
    )
    return rows.length > 0
  }

  function start(piece: TakenPiece): void {
    const controller = new AbortController()
    const stop = (why: Stop) => controller.abort(new StopError(why))
    const done = doPiece(at, piece, controller.signal)
      .catch((error: unknown) => say(`${piece.name}: ${messageOf(error)}`))
      .finally(() => running.delete(piece))
    running.set(piece, { stop, done })
    if (closing) stop('close')
  }

  let closed: Promise<void> | undefined
  return {
    id,
    close() {
      closed ??= (async () => {
        closing = true
        wakeAll()
        for (const { stop } of running.values()) stop('close')
        await Promise.all(feeding)
        await Promise.all([...running.values()].map(({ done }) => done))
        clearInterval(beating)
        stopSweeping()
        await hearing.close()
        await database.ask('delete from lesionloop.workers where id = $1', [id]).catch(() => undefined)
        await books.close()
      })()
      return closed
    },
  }
}

const isSame = (one: TakenPiece, other: TakenPiece) => one.id === other.id && one.attempt === other.attempt

const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms).unref())
