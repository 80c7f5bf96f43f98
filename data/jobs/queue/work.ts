import type { Job, JobKind, Progress } from '../../records/job.ts'
import type { Ask } from '../../stores/postgres/connection.ts'
import type { Workspace } from '../../workspace/open.ts'

/** What workers may be made to do: `lesionloop worker --kinds mine,predict`. */
export const WORK_KINDS = [
  'mine',
  'predict',
  'train',
  'import',
  'export',
  'amend',
  'pages',
  'promote',
  'freeze',
] as const
export type WorkKind = (typeof WORK_KINDS)[number]

/** The kind of work that a job begins with. */
export const workOf = (kind: JobKind): WorkKind => (kind === 'cycle' || kind === 'demo' ? 'train' : kind)

/** A piece of work to be put in: what one worker does at a time. */
export interface NewPiece {
  /** Which handler does it; a step that has none runs the job's verb. */
  step: string
  /** Which workers may take it. */
  kind: WorkKind
  /** Only workers with a GPU may take it. Training is left to these anyway where one is alive. */
  gpu?: true
  /** For people: a file's name, "shard 3 of 7". */
  name: string
  /** What the handler needs, as JSON. */
  data: unknown
}

/** A piece that a worker has taken. */
export interface Piece extends NewPiece {
  id: number
  job: string
  /** How often it has been taken: the fence. Whoever holds an earlier number writes nothing any more. */
  attempt: number
  /** How often it failed, or its worker died. */
  tries: number
}

/** Why a piece is stopped: the person cancelled, the worker stops, or another worker has it by now. */
export type Stop = 'cancel' | 'close' | 'taken-over'

/** What a handler works with. */
export interface Working {
  workspace: Workspace
  /** The job as it was when the piece was taken. */
  job: Job
  piece: Piece
  /** Aborted where it is to stop at its next safe point; the reason is a `StopError`. */
  signal: AbortSignal
  /** Of a job's only piece: what is done now. Of one of many: its problems and details. */
  report(progress: Progress): void
  /** Results of the pieces of the stage before, in the order in which they were put in; null for those put aside. */
  results<T>(): AsyncIterable<{ name: string; result: T | null }>
  /**
   * Does what is to be done once, while nobody can take the piece over; in a transaction of its own. @throws StopError where somebody has: leave.
   */
  fenced<T>(work: (ask: Ask) => Promise<T>): Promise<T>
  /** The workspace's number in the database, for what is asked behind the fence. */
  number: number
  /** Runs a verb of the command line as a process of its own; its progress is reported. @returns its result. */
  runVerb(args: readonly string[]): Promise<unknown>
}

/** What came of a piece: a result, or more work, and what is to be done when all of it has ended. */
export type Outcome = { result: unknown } | FanOut

export interface FanOut {
  /** What the pieces do, in words ("mining"). */
  title: string
  pieces: readonly NewPiece[]
  /** Put in when the last of them has ended; it asks for their results. Without it the job is done then. */
  then?: NewPiece
}

/** Splits a job into pieces that any number of workers do side by side. */
export const fanOut = (title: string, pieces: readonly NewPiece[], then?: NewPiece): FanOut => ({
  title,
  pieces,
  ...(then ? { then } : {}),
})

export interface Handler {
  /**
   * Does a piece. It may be done twice (its worker died after the work and before the word of it), so that doing it
   * again must come to the same. What comes back is committed together with the piece's end: once.
   * @throws LesionloopError a refusal: not tried again. Anything else is tried three times.
   */
  run(working: Working): Promise<Outcome>
  /**
   * Puts a piece on record that failed for good, so that the job goes on without it. Without this the job fails.
   * @returns what stands in the place of its result.
   */
  putAside?(working: Working, error: { code: string; message: string }): Promise<unknown>
}

/** Handlers by the step they do. */
export type Handlers = Readonly<Record<string, Handler>>

/** Thrown into work that is to stop. */
export class StopError extends Error {
  readonly why: Stop

  constructor(why: Stop) {
    super(`work: stopped: ${why}`)
    this.why = why
  }
}
