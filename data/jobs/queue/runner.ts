import { isUnderWay, type Job } from '../../records/job.ts'
import { type DatabaseAddress, databaseOf } from '../../stores/database-address.ts'
import { withRetries } from '../../stores/postgres/connection.ts'
import type { JobStore } from '../../stores/store.ts'
import type { Workspace } from '../../workspace/open.ts'
import { newJob, startedAnew } from '../record.ts'
import type { JobRunner } from '../runner.ts'
import { holding, laneOf, putIn, takeBack } from './books.ts'
import { hear, tell } from './channel.ts'
import { openBooks } from './open-books.ts'
import { DEFAULT_TIMING, keepSweeping, type Timing } from './sweep.ts'
import { close } from './taken.ts'
import { type NewPiece, workOf } from './work.ts'

export interface QueueRunnerOptions {
  store: JobStore
  /** The database; where nothing is said, what the environment or the settings name. */
  address?: DatabaseAddress
  timing?: Partial<Timing>
  now?: () => Date
}

const NOTIFY_MS = 100
const CANCEL_MS = 2000

/**
 * Jobs that workers on any machine take: put in, watched, cancelled, taken up again from here, worked on there
 * (worker.ts). What one server starts, the others show. Closing it stops no job.
 */
export async function openQueueRunner(
  workspace: Workspace,
  { store, now = () => new Date(), ...options }: QueueRunnerOptions,
): Promise<JobRunner> {
  const address = options.address ?? databaseOf(workspace)!
  const timing = { ...DEFAULT_TIMING, ...options.timing }
  const books = await openBooks(address, { maintain: true, now })
  const listeners = new Set<(job: Job) => void>()
  const changed = new Set<string>()
  let telling: NodeJS.Timeout | undefined
  let closed = false

  /** Reads what changed and tells it; what changes often is told ten times a second. */
  function soon(id: string): void {
    changed.add(id)
    telling ??= setTimeout(() => {
      telling = undefined
      const ids = [...changed]
      changed.clear()
      for (const one of ids)
        store.get(one).then(
          job => {
            if (job && !closed) for (const listener of listeners) listener(job)
          },
          () => undefined,
        )
    }, NOTIFY_MS)
  }

  const hearing = await hear(
    books.database,
    books.workspace,
    word => {
      if (word.what === 'job') soon(word.job)
    },
    () => {
      // What ended meanwhile is told too.
      void store.list().then(
        jobs => {
          for (const { id } of jobs.slice(0, 50)) soon(id)
        },
        () => undefined,
      )
    },
  )
  await endWhatNobodyHolds()
  const stopSweeping = keepSweeping(books, timing)

  async function first(job: Job): Promise<NewPiece> {
    const kind = workOf(job.kind)
    const piece: NewPiece = {
      step: job.kind,
      kind,
      ...(job.args.some(
        (arg, at) => arg === '--backend=gpu' || (arg === '--backend' && job.args[at + 1] === 'gpu'),
      )
        ? { gpu: true as const }
        : {}),
      name: job.args.join(' ').slice(0, 200),
      data: null,
    }
    await books.tickets.prepare([laneOf(piece)])
    return piece
  }

  return {
    async start(kind, args, by) {
      const job: Job = {
        ...newJob(kind, args, by, now()),
        state: 'waiting',
        dir: workspace.dir,
      }
      const piece = await first(job)
      return await withRetries(async () => {
        const there = await waitingTwin(job)
        if (there) return there
        await books.database.ask(
          `insert into lesionloop.jobs (workspace, id, started_at, job) values ($1, $2, $3, $4)
           on conflict do nothing`,
          [books.workspace, job.id, job.startedAt, JSON.stringify({ ...job, state: 'interrupted' })],
        )
        return await holding(books, job.id, async (ask, held) => {
          if (held.stage > 0) return held.job
          held.job = job
          await putIn(books, ask, held, { pieces: [piece] })
          return job
        })
      })
    },
    list: () => store.list(),
    get: id => store.get(id),
    async cancel(id) {
      const running = await holding(books, id, async (ask, held) => {
        if (!isUnderWay(held.job)) return false
        held.open -= await takeBack(books, ask, id)
        if (held.open > 0) {
          held.wanted = 'cancel'
          await tell(ask, books.workspace, { what: 'stop', job: id })
          return true
        }
        await close(books, ask, held, { code: null, signal: null, stopped: 'cancel' })
        return false
      })
      if (running) await ended(id)
      return (await store.get(id))!
    },
    async resume(id) {
      const known = await store.get(id)
      const piece = known && (await first(known))
      return await holding(books, id, async (ask, held) => {
        held.job = startedAnew(held.job, 'waiting', now())
        await putIn(books, ask, held, { pieces: [piece!] })
        return held.job
      })
    },
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      closed = true
      clearTimeout(telling)
      stopSweeping()
      await hearing.close()
      await books.close()
    },
  }

  /** Jobs on record as under way that have no pieces: of a folder that was moved into the database. */
  async function endWhatNobodyHolds(): Promise<void> {
    for (const { id } of (await store.list()).filter(isUnderWay))
      await holding(books, id, async (ask, held) => {
        if (isUnderWay(held.job) && held.open === 0)
          await close(books, ask, held, { code: null, signal: null, stopped: 'close' })
      })
  }

  /** Several servers see the same correction: one mining of it that waits is enough. */
  async function waitingTwin(job: Job): Promise<Job | undefined> {
    if (job.kind !== 'amend') return undefined
    const same = JSON.stringify(job.args)
    return (await store.list()).find(
      each => each.kind === 'amend' && each.state === 'waiting' && JSON.stringify(each.args) === same,
    )
  }

  /** Waits for a job's end, not for ever. */
  async function ended(id: string): Promise<void> {
    let look: NodeJS.Timeout | undefined
    const late = Date.now() + CANCEL_MS
    await new Promise<void>(resolve => {
      const ask = async () => {
        const job = await store.get(id).catch(() => undefined)
        if (!job || !isUnderWay(job) || Date.now() > late) resolve()
        else look = setTimeout(() => void ask(), NOTIFY_MS)
      }
      void ask()
    })
    clearTimeout(look)
  }
}
