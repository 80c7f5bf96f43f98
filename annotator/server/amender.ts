import type { JobRunner } from '../../data/jobs/runner.ts'
import { isUnderWay, type Job } from '../../data/records/job.ts'
import { warnOnce } from './warnings.ts'

/** Jobs that hold the lock of the cases: corrections wait for them. */
const WRITERS: ReadonlySet<Job['kind']> = new Set(['amend', 'mine', 'import', 'demo'])
/** Whose job it is in the list: nobody pressed a button for it. */
const BY = 'lesionloop'

/**
 * Starts the job that mines corrected captions and cuts panels drawn by hand: one at a time, after what writes cases,
 * and once more where corrections came in while it ran.
 */
export class Amender {
  readonly #jobs: JobRunner
  #wanted = false
  #sides = false
  #starting = false

  constructor(jobs: JobRunner) {
    this.#jobs = jobs
  }

  /** A correction was written. */
  want(): void {
    this.#wanted = true
    void this.#start()
  }

  /** A case came in by itself: it wants its doubles linked, and a side. */
  wantSides(): void {
    this.#sides = true
    this.want()
  }

  /** A job has ended: what waited for it may begin. */
  ended(job: Job): void {
    // Stopped in the middle, by hand or with the server: what was left is taken up with the next correction or mining.
    if (WRITERS.has(job.kind)) void this.#start()
  }

  async #start(): Promise<void> {
    if (!this.#wanted || this.#starting) return
    this.#starting = true
    try {
      const busy = (await this.#jobs.list()).some(job => isUnderWay(job) && WRITERS.has(job.kind))
      if (busy) return
      const args = this.#sides ? ['amend', '--sides'] : ['amend']
      this.#wanted = false
      this.#sides = false
      await this.#jobs.start('amend', args, BY)
    } catch (error) {
      // The correction is saved; only its mining waits. Mining anything, or the next correction, takes it up.
      warnOnce(`amend: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      this.#starting = false
    }
  }
}
