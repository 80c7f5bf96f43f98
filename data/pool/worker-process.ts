import { type ChildProcess, fork } from 'node:child_process'
import type { Socket } from 'node:net'
import { LesionloopError } from '../errors.ts'
import { packagePath } from '../workspace/package-root.ts'
import { crashError, memoryError, stuckError, timeError } from './limits.ts'
import { type FromWorker, OVER_MEMORY, type PoolLimits, type Task } from './task.ts'

/** Longer than any wait within a file: pdf.js is given 20 s for a picture. */
const STUCK_AFTER_S = 30

/** Of what a worker wrote to stderr, the end is kept: it says how it died. */
const KEPT_STDERR = 4000

/**
 * One worker process and the file it is at. A process, not a thread: it can be killed while it is in native code, its
 * memory can be told from the others', and a decoder that crashes takes one file along.
 */
export class WorkerProcess<I, O> {
  readonly #task: Task<I, O>
  readonly #limits: PoolLimits
  readonly #process: ChildProcess
  readonly #ready: Promise<boolean>
  readonly #closed: Promise<string>
  #stderr = ''
  #waiting: ((message: FromWorker) => void) | undefined
  /** Files it has done: what it still holds of them counts against the next one's memory. */
  done = 0
  alive = true

  constructor(task: Task<I, O>, limits: PoolLimits) {
    this.#task = task
    this.#limits = limits
    const child = fork(
      packagePath('dist', 'data', 'pool', 'worker.js'),
      [
        task.module,
        String(limits.memoryLimit),
        String(process.pid),
        String(limits.stuckAfter ?? STUCK_AFTER_S),
      ],
      {
        serialization: 'advanced',
        execArgv: [`--max-old-space-size=${Math.max(16, Math.ceil(limits.memoryLimit))}`],
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      },
    )
    this.#process = child
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR)
    })
    child.on('message', message => this.#waiting?.(message as FromWorker))
    this.#closed = new Promise(resolve => {
      child.on('error', error => resolve(error.message))
      child.on('close', (code, signal) => resolve(signal ?? `status ${code}`))
    })
    void this.#closed.then(() => {
      this.alive = false
    })
    this.#ready = this.#answer().then(message => message !== undefined)
  }

  /** Does one file; a breach of a limit ends this worker. @throws LesionloopError `file-time-limit`, `file-memory-limit`, `file-stuck`, `file-crashed`. */
  async run(input: I, name: string): Promise<O> {
    this.#hold(true)
    try {
      return await this.#run(input, name)
    } finally {
      this.#hold(false)
    }
  }

  async #run(input: I, name: string): Promise<O> {
    if (!(await this.#ready)) throw await this.#death(name)
    const answered = this.#answer()
    // A worker that dies at this moment is found dead below.
    this.#process.send({ input }, () => undefined)
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.kill()
    }, this.#limits.timeLimit * 1000)
    const message = await answered
    clearTimeout(timer)
    this.done++
    if (message?.type === 'done') return message.output as O
    if (message?.type === 'failed') throw thrown(message.error)
    if (message?.type === 'stuck') {
      this.kill()
      throw stuckError(this.#task.noun, name, message.last)
    }
    if (late) throw timeError(this.#task.noun, name, this.#limits)
    throw await this.#death(name)
  }

  kill(): void {
    this.alive = false
    this.#process.kill('SIGKILL')
  }

  /** A worker that waits for work does not keep its owner's process alive. */
  #hold(isHeld: boolean): void {
    const { channel, stderr } = this.#process
    for (const each of [this.#process, channel, stderr as Socket | null]) {
      if (isHeld) each?.ref()
      else each?.unref()
    }
  }

  /** The worker's next message; undefined where it ends instead. */
  #answer(): Promise<FromWorker | undefined> {
    return new Promise(resolve => {
      this.#waiting = message => {
        this.#waiting = undefined
        resolve(message)
      }
      void this.#closed.then(() => resolve(undefined))
    })
  }

  async #death(name: string): Promise<LesionloopError> {
    const how = await this.#closed
    const { noun } = this.#task
    if (this.#stderr.includes(OVER_MEMORY) || /heap out of memory/i.test(this.#stderr))
      return memoryError(noun, name, this.#limits)
    const last = /^\w*Error\b.*$/m.exec(this.#stderr)?.[0]
    return crashError(noun, name, last ? `${how}, ${last}` : how)
  }
}

function thrown({ known, code, message, details }: (FromWorker & { type: 'failed' })['error']): Error {
  return known
    ? new LesionloopError(code, message, details)
    : Object.assign(new Error(message), code === 'unexpected' ? {} : { code })
}
