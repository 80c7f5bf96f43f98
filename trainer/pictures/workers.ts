import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { LesionloopError, messageOf } from '../../data/errors.ts'
import { doTask, type PictureDone, type PictureTask } from './task.ts'
import type { FromWorker, ToWorker } from './worker.ts'

/** Threads that make inputs of pictures. They never keep the process alive. */
export interface PictureWorkers {
  /** Does the task in the thread with the least to do. @throws what the task throws. */
  run(task: PictureTask): Promise<PictureDone>
  close(): Promise<void>
}

/** A worker for every core but the one that computes, at most four: a step takes far longer than its pictures. */
export const defaultWorkers = () => Math.max(1, Math.min(4, availableParallelism() - 1))

/**
 * Starts worker threads. With 0, and where only the sources run (Node 20 starts no TypeScript in a worker), the work is
 * done on this thread; the outcome is the same.
 */
export function startWorkers(count: number): PictureWorkers {
  if (count <= 0 || import.meta.url.endsWith('.ts')) return { run: doTask, close: async () => undefined }
  const threads = Array.from({ length: count }, () => new Thread())
  return {
    run: task => threads.reduce((least, one) => (one.load < least.load ? one : least)).run(task),
    close: async () => void (await Promise.all(threads.map(thread => thread.close()))),
  }
}

interface Waiting {
  task: PictureTask
  resolve: (done: PictureDone) => void
  reject: (error: unknown) => void
}

class Thread {
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | null = null
  #next = 0

  get load(): number {
    return this.#waiting.size
  }

  run(task: PictureTask): Promise<PictureDone> {
    const worker = this.#started()
    const job = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(job, { task, resolve, reject })
      // Held while there is work, so that a run that waits for pictures doesn't end in the middle.
      worker.ref()
      worker.postMessage({ job, task } satisfies ToWorker)
    })
  }

  async close(): Promise<void> {
    const worker = this.#worker
    this.#worker = null
    await worker?.terminate()
  }

  #started(): Worker {
    if (this.#worker) return this.#worker
    const worker = new Worker(new URL('./worker.js', import.meta.url))
    this.#worker = worker
    worker.unref()
    worker.on('message', (message: FromWorker) => {
      const waiting = this.#waiting.get(message.job)
      this.#waiting.delete(message.job)
      if (this.#waiting.size === 0) worker.unref()
      if ('done' in message) waiting?.resolve(message.done)
      else waiting?.reject(new LesionloopError(message.error.code, message.error.message))
    })
    worker.on('error', error => this.#lost(worker, messageOf(error)))
    worker.on('exit', code => this.#lost(worker, `exit code ${code}`))
    return worker
  }

  /** A thread that ended: what it had in hand fails, and the next task starts another. */
  #lost(worker: Worker, how: string): void {
    if (this.#worker === worker) this.#worker = null
    const lost = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { task, reject } of lost)
      reject(
        new LesionloopError(
          'picture-worker-ended',
          `image: ${task.path}: the thread that read it ended (${how}); run again, with fewer workers if memory is short`,
        ),
      )
  }
}
