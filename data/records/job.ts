/** Long work as a child process; jobs/<id>/job.json. `waiting`: put in, and no worker has taken it yet. */
export const JOB_STATES = ['waiting', 'running', 'done', 'failed', 'cancelled', 'interrupted'] as const
export type JobState = (typeof JOB_STATES)[number]

/** Whether it has not come to an end: it waits, or runs. */
export const isUnderWay = ({ state }: { state: JobState }): boolean =>
  state === 'waiting' || state === 'running'

export type JobKind =
  | 'mine'
  | 'import'
  | 'cycle'
  | 'predict'
  | 'demo'
  | 'export'
  | 'amend'
  | 'pages'
  | 'promote'
  | 'freeze'

/** One report of progress. Reported often, shown as it is: keep it in words a curator reads. */
export interface Progress {
  /** What is being done now ("reading features"). */
  step: string
  done: number
  total: number | null
  /** Detail of this moment: a file name, a loss. */
  detail?: string
  /** A problem that did not stop the run: one bad document, row or image. */
  problem?: { item: string; code: string; message: string }
  /** Points for live curves: { epoch, trainLoss, valLoss }. */
  point?: Record<string, number>
}

export interface Job {
  id: string
  kind: JobKind
  /** The command line's verb and arguments, so that a stopped job can be started again as it was. */
  args: string[]
  by: string
  state: JobState
  /** When it was started; where workers take jobs, when it was put in. */
  startedAt: string
  endedAt?: string
  /** Where workers take jobs: the workspace's folder on the machine that put it in. */
  dir?: string
  /** The machine that works on it, where workers take jobs. */
  host?: string
  pid?: number
  /** When that process started, in the system's own terms: tells it apart from a later one with the same pid. */
  processStart?: string
  progress?: Progress
  problems: { item: string; code: string; message: string }[]
  points: Record<string, number>[]
  /** What the run printed as its result. */
  result?: unknown
  error?: { code: string; message: string }
}

/** What every long function takes. */
export interface RunOptions {
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}
