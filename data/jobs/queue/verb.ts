import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LesionloopError } from '../../errors.ts'
import type { Progress } from '../../records/job.ts'
import type { Workspace } from '../../workspace/open.ts'
import { builtCommandLine, type Program, startChild } from '../child.ts'
import { ended, newJob } from '../record.ts'
import { PIECE_VARIABLE } from './fence.ts'
import { type Piece, StopError } from './work.ts'

/**
 * Runs a verb as a process of its own and waits for its end; told to stop it is asked to, and killed where it doesn't.
 * @returns what it gave as its result.
 * @throws LesionloopError what it said went wrong; `job-ended` where it ended without a word; StopError.
 */
export async function runVerb(of: {
  workspace: Workspace
  args: readonly string[]
  job: string
  piece: Pick<Piece, 'id' | 'attempt'>
  signal: AbortSignal
  graceMs: number
  report: (progress: Progress) => void
  program?: Program
}): Promise<unknown> {
  const { workspace, args, signal, piece } = of
  signal.throwIfAborted()
  let result: unknown
  let problems = 0
  const log = workspace.paths.jobLog(of.job)
  await mkdir(dirname(log), { recursive: true })
  const program = of.program ?? builtCommandLine()
  const child = await startChild({
    program,
    args: args.includes('--workspace') ? args : [...args, '--workspace', workspace.dir],
    jobId: of.job,
    log,
    env: { [PIECE_VARIABLE]: `${piece.id}:${piece.attempt}` },
    onProgress: progress => {
      if (progress.problem) problems++
      of.report(progress)
    },
    onResult: given => {
      result = given
    },
  }).catch((error: unknown) => {
    throw new LesionloopError('job-start', `job: could not be started (${String(error)})`)
  })
  const stop = () => {
    const { why } = signal.reason as StopError
    child.stop(why === 'cancel' ? 'cancel' : 'close', why === 'taken-over' ? 0 : of.graceMs)
  }
  signal.addEventListener('abort', stop, { once: true })
  // It may have been aborted while the process was being started.
  if (signal.aborted) stop()
  const ending = await child.ended.finally(() => signal.removeEventListener('abort', stop))
  const job = newJob('mine', args, '', new Date())
  const how = ended(
    { ...job, problems: problems > 0 ? [{ item: '', code: '', message: '' }] : [] },
    ending,
    new Date(),
  )
  if (how.state === 'done') return result
  if (signal.aborted) throw signal.reason
  // Ctrl-C reaches children too: it goes on elsewhere.
  if (how.state === 'interrupted') throw new StopError('close')
  throw new LesionloopError(how.error!.code, how.error!.message)
}
