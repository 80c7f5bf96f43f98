import { LesionloopError } from '../data/errors.ts'
import type { JobRunner } from '../data/jobs/runner.ts'
import { isUnderWay, type Job } from '../data/records/job.ts'
import type { Terminal } from './terminal.ts'

/**
 * Shows how a job goes until it ends. Ctrl-C only stops the watching where others work on it.
 * @returns the ended job; undefined where the watching was stopped.
 * @throws LesionloopError what it failed of.
 */
export async function followJob(
  runner: JobRunner,
  id: string,
  terminal: Pick<Terminal, 'signal' | 'progress' | 'say'>,
): Promise<Job | undefined> {
  let shown = 0
  const show = (job: Job) => {
    const step = job.progress?.step ?? (job.state === 'waiting' ? 'waiting for a worker' : 'starting')
    for (const problem of job.problems.slice(shown))
      terminal.progress({ step, done: 0, total: null, problem })
    shown = job.problems.length
    terminal.progress(job.progress ?? { step, done: 0, total: null })
  }
  const job = await new Promise<Job | undefined>((resolve, reject) => {
    const look = (job: Job | undefined) => {
      if (job?.id !== id) return
      show(job)
      if (!isUnderWay(job)) done(job)
    }
    const stop = runner.listen(look)
    const away = () => done(undefined)
    const done = (outcome: Job | undefined) => {
      stop()
      terminal.signal.removeEventListener('abort', away)
      resolve(outcome)
    }
    terminal.signal.addEventListener('abort', away)
    if (terminal.signal.aborted) away()
    runner.get(id).then(look, reject)
  })
  if (job?.state === 'failed') throw new LesionloopError(job.error!.code, job.error!.message, { job: id })
  if (job && job.state !== 'done')
    throw new LesionloopError(
      'cancelled',
      `job: ${id}: ${job.state}; \`lesionloop jobs resume ${id}\` goes on`,
      {
        job: id,
      },
    )
  return job
}
