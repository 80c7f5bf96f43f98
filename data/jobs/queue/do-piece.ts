import { codeOf, messageOf } from '../../errors.ts'
import type { Job, Progress } from '../../records/job.ts'
import { withRetries } from '../../stores/postgres/connection.ts'
import type { Workspace } from '../../workspace/open.ts'
import type { Program } from '../child.ts'
import { isRefusal } from '../refusal.ts'
import { asHere } from './as-here.ts'
import type { Books } from './books.ts'
import { fencedBy } from './fence.ts'
import { resultsBefore } from './results.ts'
import type { Timing } from './sweep.ts'
import { begin, type Failure, fail, finish, giveBack, progressed, stopped, type TakenPiece } from './taken.ts'
import { runVerb } from './verb.ts'
import { type Handlers, type Piece, StopError, type Working } from './work.ts'

/** What a worker has to do pieces with. */
export interface AtWork {
  workspace: Workspace
  books: Books
  timing: Timing
  handlers: Handlers
  host: string
  say: (line: string) => void
  program?: Program
}

const FLUSH_MS = 500

/** Does a piece and ends it: done, given back, put aside, failed or stopped. */
export async function doPiece(at: AtWork, piece: TakenPiece, signal: AbortSignal): Promise<void> {
  const { books, handlers, timing } = at
  const reporter = new Reporter(books, piece)
  try {
    const { job, isOnly } = await withRetries(() => begin(books, piece, at.host))
    at.say(`${piece.job}: ${piece.name}`)
    reporter.isOnly = isOnly
    const handler = handlers[piece.step]
    const working = workingOn(at, job, piece, signal, progress => reporter.report(progress))
    const putAside = async (error: Failure) => {
      if (!handler?.putAside) return await fail(books, piece, error, await reporter.rest())
      const result = await handler.putAside(working, error)
      await finish(books, piece, { result }, await reporter.rest(), 'put-aside')
    }
    if (piece.tries >= timing.tries) {
      const last = piece.error ?? { code: 'job-ended', message: 'job: failed' }
      // Even that failed.
      if (piece.tries > timing.tries) return await fail(books, piece, last, await reporter.rest())
      return await putAside(last)
    }
    try {
      const outcome = handler
        ? await handler.run(working)
        : { result: await working.runVerb(working.job.args) }
      const said = await reporter.rest()
      await withRetries(() => finish(books, piece, outcome, said))
    } catch (error) {
      if (signal.aborted || !isRefusal(error)) throw error
      await putAside(failureOf(error))
    }
  } catch (error) {
    await leave(at, piece, signal.aborted ? signal.reason : error, await reporter.rest())
  }
}

function workingOn(
  { workspace, books, timing, program }: AtWork,
  taken: Job,
  row: TakenPiece,
  signal: AbortSignal,
  report: Working['report'],
): Working {
  const { id, job: of, step, kind, gpu, name, data, attempt, tries } = row
  const piece: Piece = { id, job: of, step, kind, name, data, attempt, tries, ...(gpu ? { gpu: true } : {}) }
  const job = { ...taken, args: taken.args.map(arg => asHere(workspace.dir, taken.dir, arg)) }
  return {
    workspace,
    job,
    piece,
    signal,
    report,
    number: books.workspace,
    results: () => resultsBefore(books, piece),
    fenced: work => fencedBy(books, piece, work),
    runVerb: args =>
      runVerb({
        workspace,
        args,
        job: of,
        piece,
        signal,
        graceMs: timing.graceMs,
        report,
        ...(program ? { program } : {}),
      }),
  }
}

/** Ends a piece that came to no end of its own: it goes back to the others, or its job was cancelled. */
export async function leave(
  { books, timing, say }: AtWork,
  piece: TakenPiece,
  error: unknown,
  reports: readonly Progress[],
): Promise<void> {
  const why = error instanceof StopError ? error.why : undefined
  if (why === 'taken-over') return say(`${piece.name}: another worker has it`)
  const { retryMs } = timing
  try {
    if (why === 'cancel') return await withRetries(() => stopped(books, piece, reports))
    const failure = why === 'close' ? {} : { failure: failureOf(error) }
    if (!why) say(`${piece.name}: ${messageOf(error)}`)
    await withRetries(() => giveBack(books, piece, { ...failure, retryMs, reports }))
  } catch (then) {
    if (!(then instanceof StopError)) throw then
  }
}

const failureOf = (error: unknown): Failure => ({ code: codeOf(error), message: messageOf(error) })

/** Keeps what a piece reports until it is written: now and then where it is a job's only one, else with its end. */
class Reporter {
  isOnly = false
  readonly #books: Books
  readonly #piece: TakenPiece
  #reports: Progress[] = []
  #flush: NodeJS.Timeout | undefined
  #writing: Promise<unknown> = Promise.resolve()

  constructor(books: Books, piece: TakenPiece) {
    this.#books = books
    this.#piece = piece
  }

  report(progress: Progress): void {
    this.#reports.push(progress)
    if (this.isOnly) this.#flush ??= setTimeout(() => this.#write(), FLUSH_MS)
  }

  /** What has not been written yet; nothing is written beside the end. */
  async rest(): Promise<Progress[]> {
    clearTimeout(this.#flush)
    await this.#writing
    return this.#reports
  }

  #write(): void {
    this.#flush = undefined
    const some = this.#reports
    this.#reports = []
    this.#writing = this.#writing
      .then(() => progressed(this.#books, this.#piece, some))
      .catch(() => {
        // With the next ones, or with the end.
        this.#reports.unshift(...some)
      })
  }
}
