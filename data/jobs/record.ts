import { randomBytes } from 'node:crypto'
import { LesionloopError } from '../errors.ts'
import { isUnderWay, type Job, type JobKind, type Progress } from '../records/job.ts'

/** Problems and points a record holds; the log has them all. */
export const MOST_PROBLEMS = 1000
export const MOST_POINTS = 4000

/** A new job's record, with an id that sorts by time: "20200512-093000-mine-1f2e". */
export function newJob(kind: JobKind, args: readonly string[], by: string, now: Date): Job {
  const time = now.toISOString().replace(/[-:]/g, '').slice(0, 15).replace('T', '-')
  return {
    id: `${time}-${kind}-${randomBytes(2).toString('hex')}`,
    kind,
    args: [...args],
    by,
    state: 'running',
    startedAt: now.toISOString(),
    problems: [],
    points: [],
  }
}

/** Takes in a report of progress: its problem and point are collected, the rest is what is being done now. */
export function withProgress(job: Job, { problem, point, ...progress }: Progress): Job {
  return {
    ...job,
    progress,
    problems: problem && job.problems.length < MOST_PROBLEMS ? [...job.problems, problem] : job.problems,
    points: point ? thinned([...job.points, point]) : job.points,
  }
}

/** Every second point goes where there are too many: the curve keeps its form, its first and its last. */
const thinned = (points: Job['points']) =>
  points.length <= MOST_POINTS ? points : points.filter((_, i) => i % 2 === 0 || i === points.length - 1)

/** How a process came to its end. */
export interface Ending {
  code: number | null
  signal: NodeJS.Signals | null
  /** Why it was told to stop, where it was. */
  stopped?: 'cancel' | 'close'
  /** What it said went wrong. */
  error?: { code: string; message: string }
  /** Last words of its log: the error it names, else its last line. */
  lastLine?: string
}

/**
 * The record of an ended job. Exit status 1 without an error is a run that went through with failures, which are
 * listed: done. Told to stop by nobody we know of (Ctrl-C reaches children too): interrupted, to be taken up again.
 */
export function ended(job: Job, ending: Ending, now: Date): Job {
  const { code, signal, stopped, lastLine } = ending
  // An error without words would be a record without a reason.
  const error = ending.error?.message.trim() ? ending.error : undefined
  const { pid: _pid, processStart: _start, error: _error, ...rest } = job
  const end = { ...rest, endedAt: now.toISOString() }
  if (code === 0 || (code === 1 && !ending.error && job.problems.length > 0)) return { ...end, state: 'done' }
  if (stopped === 'cancel') return { ...end, state: 'cancelled' }
  if (stopped === 'close' || ending.error?.code === 'cancelled') return { ...end, state: 'interrupted' }
  const how = signal
    ? `was ended by ${signal}${signal === 'SIGKILL' ? ' (out of memory?)' : ''}`
    : `ended with status ${code}`
  const words = lastLine ? `: ${lastLine}` : ''
  return {
    ...end,
    state: 'failed',
    error: error ?? { code: 'job-ended', message: `job: ${job.args.join(' ')}: ${how}${words}; see its log` },
  }
}

/**
 * A stopped job as it was when it was put in, to be done again under its id.
 * @throws LesionloopError `job-running`, `job-done`.
 */
export function startedAnew(job: Job, state: 'running' | 'waiting', now: Date): Job {
  const { endedAt: _ended, error: _error, result: _result, progress: _progress, host: _host, ...rest } = job
  if (isUnderWay(job))
    throw new LesionloopError('job-running', `job: ${job.id}: still running; cancel it first`, {
      job: job.id,
    })
  if (job.state === 'done')
    throw new LesionloopError('job-done', `job: ${job.id}: has come to its end; start a new one`, {
      job: job.id,
    })
  return { ...rest, state, startedAt: now.toISOString(), problems: [], points: [] }
}
