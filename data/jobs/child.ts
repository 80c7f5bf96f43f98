import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, fstatSync, openSync } from 'node:fs'
import { LesionloopError } from '../errors.ts'
import type { Progress } from '../records/job.ts'
import { packagePath } from '../workspace/package-root.ts'
import { lastWordsOf } from './last-words.ts'
import { stepBack } from './priority.ts'
import type { Ending } from './record.ts'

/** What jobs run: a program and its first arguments; the job's own follow. */
export interface Program {
  command: string
  args: readonly string[]
}

/** The command line as it was built. @throws LesionloopError `not-built` */
export function builtCommandLine(): Program {
  const path = packagePath('dist', 'cli.js')
  if (!existsSync(path))
    throw new LesionloopError(
      'not-built',
      'job: the command line is not built; run `npm run build`, then try again',
    )
  return { command: process.execPath, args: [path] }
}

export interface RunningChild {
  pid: number
  /** Asks it to stop at its next safe point; after `graceMs` it is killed. */
  stop(why: NonNullable<Ending['stopped']>, graceMs: number): void
  /** Resolves when the process is gone and its last message has been read. */
  ended: Promise<Ending>
}

type Message =
  | { type: 'progress'; progress: Progress }
  | { type: 'result'; result: unknown }
  | { type: 'error'; error: { code: string; message: string } }

/**
 * Starts a job's process. What it prints goes into its log by the system itself, so that nothing of it is lost when we
 * die; what it reports comes as messages (see cli/terminal.ts).
 */
export async function startChild(of: {
  program: Program
  args: readonly string[]
  jobId: string
  log: string
  /** Further variables of its environment. */
  env?: Readonly<Record<string, string>>
  onProgress: (progress: Progress) => void
  onResult: (result: unknown) => void
}): Promise<RunningChild> {
  const log = openSync(of.log, 'a')
  // A job that is taken up again goes on in its log: what it said before is no reason now.
  const before = fstatSync(log).size
  let child: ChildProcess
  try {
    child = spawn(of.program.command, [...of.program.args, ...of.args], {
      stdio: ['ignore', log, log, 'ipc'],
      env: { ...process.env, LESIONLOOP_JOB: of.jobId, ...of.env },
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    stepBack(child.pid!)
  } finally {
    closeSync(log)
  }
  let error: Ending['error']
  let stopped: Ending['stopped']
  let kill: NodeJS.Timeout | undefined
  child.on('error', () => {
    // A message that could not be sent: the process is on its way out, which `exit` tells.
  })
  child.on('message', (message: Message) => {
    if (message?.type === 'progress') of.onProgress(message.progress)
    else if (message?.type === 'result') of.onResult(message.result)
    else if (message?.type === 'error') error = message.error
  })
  const exit = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(resolve => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  // Messages may still come after the exit; the channel's end is the end of them.
  const silence = new Promise<void>(resolve => {
    if (child.connected) child.once('disconnect', resolve)
    else resolve()
  })
  const end = Promise.all([exit, silence]).then(async ([how]): Promise<Ending> => {
    clearTimeout(kill)
    const lastLine = await lastWordsOf(of.log, before)
    return {
      ...how,
      ...(stopped ? { stopped } : {}),
      ...(error ? { error } : {}),
      ...(lastLine ? { lastLine } : {}),
    }
  })
  return {
    pid: child.pid!,
    ended: end,
    stop(why, graceMs) {
      if (stopped) return
      stopped = why
      if (child.connected) child.send('cancel', () => undefined)
      else child.kill('SIGTERM')
      kill = setTimeout(() => child.kill('SIGKILL'), graceMs)
    },
  }
}
