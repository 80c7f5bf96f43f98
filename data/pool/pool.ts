import { codeOf } from '../errors.ts'
import { timeError } from './limits.ts'
import type { PoolOptions, Task } from './task.ts'
import { WorkerProcess } from './worker-process.ts'

export interface Pool<I, O> {
  /**
   * Does the task for one file as soon as a worker is free, in the order of the calls.
   * @throws what the task throws; LesionloopError `file-time-limit`, `file-memory-limit`, `file-stuck`, `file-crashed`: the worker is
   *   replaced, the other files are not touched.
   */
  run(input: I, name: string): Promise<O>
  /** Ends the workers. */
  close(): void
}

/**
 * A bounded pool of worker processes; a file goes to one worker. Where only the sources run (tests), the work is done in
 * this process, a file at a time: the time limit then holds between two steps of a file, the memory limit not at all.
 */
export function openPool<I, O>(task: Task<I, O>, options: PoolOptions): Pool<I, O> {
  return task.module.endsWith('.ts') ? new OwnProcess(task, options) : new ProcessPool(task, options)
}

/** Deaths that may be owed to what a worker still held of earlier files: a fresh worker tries again, once. */
const OWED = new Set(['file-memory-limit', 'file-crashed'])

class ProcessPool<I, O> implements Pool<I, O> {
  readonly #task: Task<I, O>
  readonly #options: PoolOptions
  readonly #idle: WorkerProcess<I, O>[] = []
  readonly #busy = new Set<WorkerProcess<I, O>>()
  readonly #queue: (() => void)[] = []
  readonly #stop = () => this.close()
  #closed = false

  constructor(task: Task<I, O>, options: PoolOptions) {
    this.#task = task
    this.#options = options
    options.signal?.addEventListener('abort', this.#stop)
  }

  async run(input: I, name: string): Promise<O> {
    const { signal } = this.#options
    while (this.#busy.size >= this.#options.workers)
      await new Promise<void>(resolve => this.#queue.push(resolve))
    let worker: WorkerProcess<I, O> | undefined
    try {
      signal?.throwIfAborted()
      if (this.#closed) throw new Error('pool: closed')
      worker = this.#take()
      const before = worker.done
      try {
        return await worker.run(input, name)
      } catch (error) {
        signal?.throwIfAborted()
        if (this.#closed || before === 0 || !OWED.has(codeOf(error))) throw error
        this.#busy.delete(worker)
        worker = this.#take()
        return await worker.run(input, name)
      }
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    } finally {
      if (worker) {
        this.#busy.delete(worker)
        if (worker.alive) this.#idle.push(worker)
      }
      this.#queue.shift()?.()
    }
  }

  close(): void {
    this.#closed = true
    this.#options.signal?.removeEventListener('abort', this.#stop)
    for (const worker of [...this.#idle.splice(0), ...this.#busy]) worker.kill()
  }

  #take(): WorkerProcess<I, O> {
    let worker = this.#idle.pop()
    while (worker && !worker.alive) worker = this.#idle.pop()
    worker ??= new WorkerProcess(this.#task, this.#options)
    this.#busy.add(worker)
    return worker
  }
}

class OwnProcess<I, O> implements Pool<I, O> {
  readonly #task: Task<I, O>
  readonly #options: PoolOptions
  readonly #closed = new AbortController()
  #last: Promise<unknown> = Promise.resolve()

  constructor(task: Task<I, O>, options: PoolOptions) {
    this.#task = task
    this.#options = options
  }

  run(input: I, name: string): Promise<O> {
    const mine = this.#last.then(() => this.#do(input, name))
    this.#last = mine.catch(() => undefined)
    return mine
  }

  close(): void {
    this.#closed.abort(new Error('pool closed'))
  }

  async #do(input: I, name: string): Promise<O> {
    const { signal, timeLimit } = this.#options
    await this.#task.prepare()
    const late = new AbortController()
    const timer = setTimeout(
      () => late.abort(timeError(this.#task.noun, name, this.#options)),
      timeLimit * 1000,
    )
    const all = AbortSignal.any([late.signal, this.#closed.signal, ...(signal ? [signal] : [])])
    all.throwIfAborted()
    try {
      return await Promise.race([
        this.#task.run(input, { signal: all }),
        new Promise<never>((_, reject) => all.addEventListener('abort', () => reject(all.reason))),
      ])
    } finally {
      clearTimeout(timer)
    }
  }
}
