import type { Job, JobKind } from '../../data/records/job.ts'

/** Long work as the server sees it: started, watched, cancelled, taken up again. */
export interface JobRunner {
  /** `args` are the command line's verb and arguments, without `--workspace`. */
  start(kind: JobKind, args: string[], by: string): Promise<Job>
  /** Newest first. */
  list(): Promise<Job[]>
  get(id: string): Promise<Job | undefined>
  cancel(id: string): Promise<Job>
  resume(id: string): Promise<Job>
  /** Told at each change of any job. @returns stops listening. */
  listen(listener: (job: Job) => void): () => void
  close(): Promise<void>
}
