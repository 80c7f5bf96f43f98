import { LesionloopError, messageOf } from '../errors.ts'
import type { Job, JobKind } from '../records/job.ts'
import type { JobStore } from '../stores/store.ts'
import { processStart } from '../workspace/locks.ts'
import type { Workspace } from '../workspace/open.ts'
import { builtCommandLine, type Program, type RunningChild, startChild } from './child.ts'
import { ended, newJob, startedAnew, withProgress } from './record.ts'

/** Long work: started, watched, cancelled, taken up again. */
export interface JobRunner {
  /**
   * Starts a verb as a process of its own. `args` are the verb and its arguments, without `--workspace`.
   * @throws LesionloopError `not-built`, `job-start`.
   */
  start(kind: JobKind, args: readonly string[], by: string): Promise<Job>
  /** Newest first. */
  list(): Promise<Job[]>
  get(id: string): Promise<Job | undefined>
  /**
   * Asks a job to stop at its next safe point, and kills it where it doesn't; answers when it has ended, or after two
   * seconds with the job still running. A job that has ended is left as it is.
   */
  cancel(id: string): Promise<Job>
  /**
   * Starts a stopped job again as it was, under its id: the verbs go on where they were.
   * @throws LesionloopError `job-unknown`, `job-running`, `job-done`.
   */
  resume(id: string): Promise<Job>
  /** Told at each change of any job, progress at most ten times a second. @returns stops listening. */
  listen(listener: (job: Job) => void): () => void
  /** Stops what runs, to be taken up again (`interrupted`), and writes what is pending. */
  close(): Promise<void>
}

export interface JobRunnerOptions {
  store: JobStore
  /** What the jobs run; the built command line where nothing else is said. */
  program?: Program
  /** How long a job may take to stop before it is killed, in milliseconds. */
  graceMs?: number
  now?: () => Date
}

const NOTIFY_MS = 100
/** A record is synced to the disk, for which saves wait meanwhile; who watches is told at once. */
const WRITE_MS = 2000
const ORPHAN_MS = 2000

interface Live {
  job: Job
  child?: RunningChild
  ended: Promise<void>
  notify?: NodeJS.Timeout
  write?: NodeJS.Timeout
  writing: Promise<void>
}

/**
 * Opens the jobs of a workspace; those on record as running whose process is gone are `interrupted` now. Needs the
 * `jobs` lock.
 */
export async function openJobRunner(workspace: Workspace, options: JobRunnerOptions): Promise<JobRunner> {
  const { store, graceMs = 20_000, now = () => new Date() } = options
  const live = new Map<string, Live>()
  const listeners = new Set<(job: Job) => void>()
  let orphanWatch: NodeJS.Timeout | undefined
  let closing = false

  const tell = (job: Job) => {
    for (const listener of listeners) listener(job)
  }

  /** Writes a record after those before it; a failure to write a progress is no failure of the job. */
  function save(entry: Live, job: Job): Promise<void> {
    entry.writing = entry.writing.then(() => store.put(job)).catch(() => undefined)
    return entry.writing
  }

  /** A change that may wait a moment: told and written with the next ones. */
  function soon(entry: Live): void {
    entry.notify ??= setTimeout(() => {
      delete entry.notify
      tell(entry.job)
    }, NOTIFY_MS)
    entry.write ??= setTimeout(() => {
      delete entry.write
      void save(entry, entry.job)
    }, WRITE_MS)
  }

  async function finish(entry: Live, job: Job): Promise<void> {
    clearTimeout(entry.notify)
    clearTimeout(entry.write)
    entry.job = job
    await save(entry, job)
    live.delete(job.id)
    tell(job)
  }

  async function launch(job: Job): Promise<Job> {
    if (closing) throw new LesionloopError('job-start', 'job: the server is stopping; start it again first')
    const program = options.program ?? builtCommandLine()
    await store.put(job)
    const entry: Live = { job, ended: Promise.resolve(), writing: Promise.resolve() }
    live.set(job.id, entry)
    try {
      const child = await startChild({
        program,
        args: job.args.includes('--workspace') ? job.args : [...job.args, '--workspace', workspace.dir],
        jobId: job.id,
        log: workspace.paths.jobLog(job.id),
        onProgress: progress => {
          entry.job = withProgress(entry.job, progress)
          soon(entry)
        },
        onResult: result => {
          entry.job = { ...entry.job, result }
          soon(entry)
        },
      })
      entry.child = child
      const start = processStart(child.pid)
      entry.job = { ...entry.job, pid: child.pid, ...(start === undefined ? {} : { processStart: start }) }
      entry.ended = child.ended.then(ending => finish(entry, ended(entry.job, ending, now())))
    } catch (error) {
      const failure = { code: 'job-start', message: `job: could not be started (${messageOf(error)})` }
      await finish(entry, ended(job, { code: null, signal: null, error: failure }, now()))
      throw new LesionloopError(failure.code, failure.message, { job: job.id }, { cause: error })
    }
    await save(entry, entry.job)
    tell(entry.job)
    return entry.job
  }

  /** A job of an earlier server: gone, or still at work without us. */
  const isOrphanAlive = (job: Job) =>
    job.pid !== undefined && isRunning(job.pid) && processStart(job.pid) === job.processStart

  async function sweep(): Promise<void> {
    clearTimeout(orphanWatch)
    let alive = false
    for (const job of await store.list()) {
      if (job.state !== 'running' || live.has(job.id)) continue
      if (isOrphanAlive(job)) alive = true
      else {
        const gone = ended(job, { code: null, signal: null, stopped: 'close' }, now())
        await store.put(gone)
        tell(gone)
      }
    }
    if (alive && !closing) orphanWatch = setTimeout(() => void sweep(), ORPHAN_MS).unref()
  }
  await sweep()

  async function known(id: string): Promise<Job> {
    const job = live.get(id)?.job ?? (await store.get(id))
    if (job) return job
    throw new LesionloopError('job-unknown', `job: ${id.slice(0, 60)}: no such job; see the list of jobs`)
  }

  return {
    start: (kind, args, by) => launch(newJob(kind, args, by, now())),
    async list() {
      return (await store.list()).map(job => live.get(job.id)?.job ?? job)
    },
    get: async id => live.get(id)?.job ?? (await store.get(id)),
    async cancel(id) {
      const job = await known(id)
      const entry = live.get(id)
      if (entry?.child) {
        entry.child.stop('cancel', graceMs)
        await Promise.race([entry.ended, new Promise(resolve => setTimeout(resolve, 2000).unref())])
      } else if (job.state === 'running' && isOrphanAlive(job)) process.kill(job.pid!, 'SIGTERM')
      return known(id)
    },
    async resume(id) {
      return launch(startedAnew(await known(id), 'running', now()))
    },
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      closing = true
      clearTimeout(orphanWatch)
      const entries = [...live.values()]
      for (const { child } of entries) child?.stop('close', graceMs)
      await Promise.all(entries.map(entry => entry.ended))
    },
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
