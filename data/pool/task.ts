/**
 * Work on one file that a worker process can do alone. A module of tasks exports it as `task`; input and output are
 * plain data (structured clone). What it needs to load, it loads in `prepare`, so that neither the process that only
 * hands out files pays for it, nor the first file's time limit.
 */
export interface Task<I, O> {
  /** `import.meta.url` of the module that exports it. */
  readonly module: string
  /** What a file is called in messages ("pdf"). */
  readonly noun: string
  prepare(): Promise<void>
  run(input: I, options: { signal?: AbortSignal }): Promise<O>
}

export interface PoolLimits {
  /** Processes at a time. */
  workers: number
  /** Seconds a file may take. */
  timeLimit: number
  /** Megabytes a worker may hold, pictures and other memory outside JavaScript's heap counted. */
  memoryLimit: number
  /** Seconds without any work after which a worker is ended, whatever time is left; default 30. */
  stuckAfter?: number
  /** What to do about a file over a limit, where no argument of a verb sets the limits. */
  advice?: string
}

export interface PoolOptions extends PoolLimits {
  /** Ends all workers at once; what runs is rejected with the signal's reason. */
  signal?: AbortSignal
}

/** What a worker process and its owner say to each other. */
export type ToWorker = { input: unknown }
export type FromWorker =
  | { type: 'ready' }
  | { type: 'done'; output: unknown }
  /** Nothing has been done for long, nor will be. `last`: the last refusal that nobody took, or ''. */
  | { type: 'stuck'; last: string }
  | {
      type: 'failed'
      error: { known: boolean; code: string; message: string; details: Record<string, unknown> }
    }

/** What a worker's watchdog writes to stderr before it ends the process for its memory. */
export const OVER_MEMORY = 'lesionloop: over its memory limit'
