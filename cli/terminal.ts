import { codeOf, LesionloopError, messageOf } from '../data/errors.ts'
import type { Progress } from '../data/records/job.ts'
import { systemErrorLine } from './system-error.ts'

/**
 * What a verb talks through: results on stdout, everything else on stderr, progress as a line in place on a
 * terminal, as a line every two seconds in a log, and as messages to the server when the verb runs as its job.
 */
export interface Terminal {
  readonly json: boolean
  /** Aborted by Ctrl-C, SIGTERM or the server's cancel: stop at the next safe point, keep what is done. */
  readonly signal: AbortSignal
  /** One line of results. */
  print(line: string): void
  /** One line for the person, not for programs. */
  say(line: string): void
  progress: (progress: Progress) => void
  /** Problems reported by progress so far. */
  readonly problems: NonNullable<Progress['problem']>[]
  /** The verb's result: printed as JSON with --json, and given to the server when the verb runs as its job. */
  result(value: unknown): void
}

const LOG_EVERY_MS = 2000

/** Whether the server started this run as its job. */
const isJob = () => process.env['LESIONLOOP_JOB'] !== undefined

/** A message to the server whose job this run is; nothing where it runs by hand or the server is gone. */
function tellServer(message: object): void {
  if (isJob() && process.connected) process.send?.(message)
}

export function openTerminal(options: { json?: boolean } = {}): Terminal {
  const controller = new AbortController()
  const stop = () => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort(
      new LesionloopError('cancelled', 'stopped: what was finished is kept; run the same command to go on'),
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  process.on('message', message => {
    if (message === 'cancel') stop()
  })
  // The server is gone: stop at the next safe point, so that the job can be resumed as it was left.
  if (isJob()) process.on('disconnect', stop)
  // `lesionloop … | head` closes the pipe early; that is no fault of the run.
  process.stdout.on('error', error => {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0)
    throw error
  })
  const problems: NonNullable<Progress['problem']>[] = []
  let lastStep = ''
  let lastAt = 0
  let openLine = false

  const endLine = () => {
    if (openLine) process.stderr.write('\n')
    openLine = false
  }
  const say = (line: string) => {
    endLine()
    process.stderr.write(`${line}\n`)
  }
  const progress = (now: Progress) => {
    if (now.problem) {
      problems.push(now.problem)
      say(now.problem.message)
    }
    tellServer({ type: 'progress', progress: now })
    const share = now.total ? ` ${now.done} of ${now.total}` : now.done ? ` ${now.done}` : ''
    const line = `${now.step}${share}${now.detail ? `  ${now.detail}` : ''}`
    if (process.stderr.isTTY) {
      if (openLine && now.step !== lastStep) endLine()
      process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns ?? 100) - 1)}`)
      openLine = true
    } else if (now.step !== lastStep || Date.now() - lastAt > LOG_EVERY_MS || now.done === now.total) {
      process.stderr.write(`${line}\n`)
      lastAt = Date.now()
    }
    lastStep = now.step
  }
  return {
    json: options.json ?? false,
    signal: controller.signal,
    problems,
    print: line => {
      endLine()
      process.stdout.write(`${line}\n`)
    },
    say,
    progress,
    result: value => {
      tellServer({ type: 'result', result: value })
      if (options.json) process.stdout.write(`${JSON.stringify(value)}\n`)
    },
  }
}

/**
 * Runs a verb's work and sets the exit status: 0 all well, 1 the work had failures (listed), 2 wrong usage.
 * The work returns whether everything went through.
 */
export async function runVerb(terminal: Terminal, work: () => Promise<boolean | undefined>): Promise<void> {
  try {
    const clean = await work()
    process.exitCode = clean === false || terminal.problems.length > 0 ? 1 : 0
  } catch (error) {
    const code = codeOf(error)
    tellServer({ type: 'error', error: { code, message: messageOf(error) } })
    const line = error instanceof LesionloopError ? error.message : systemErrorLine(error)
    // Anything else is a fault of ours: its stack belongs into the report of it.
    terminal.say(line ?? (error instanceof Error ? (error.stack ?? error.message) : String(error)))
    if (terminal.json && error instanceof LesionloopError)
      process.stdout.write(
        `${JSON.stringify({ error: { code, message: error.message, details: error.details } })}\n`,
      )
    process.exitCode = code === 'usage' ? 2 : 1
  } finally {
    // Messages still on their way are sent; the channel alone no longer keeps the process alive.
    if (isJob()) process.channel?.unref()
  }
}
