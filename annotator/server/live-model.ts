import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { z } from 'zod'
import { LesionloopError, messageOf } from '../../data/errors.ts'
import { builtCommandLine, type Program } from '../../data/jobs/child.ts'
import { type LiveRequest, liveAnswer } from '../../data/records/live.ts'
import type { Workspace } from '../../data/workspace/open.ts'

/** A request without its id, which is given here. */
export type LiveQuestion = LiveRequest extends infer R
  ? R extends { id: number }
    ? Omit<R, 'id'>
    : never
  : never

export interface LiveModelOptions {
  program?: Program
  /** How long one answer may take, loading the model included. */
  limitMs?: number
  /** Wait after the first crash; doubled after each further one. */
  backoffMs?: number
}

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
  timer: NodeJS.Timeout
}

const MOST_WAITING = 16
const LONGEST_BACKOFF_MS = 30_000
/** Heap of the process, in MB: a picture that decodes to too much ends it, never the server. */
const HEAP_MB = 1024

/**
 * The one trainer process that the server keeps: started when it is first asked, asked by JSON lines, stopped with the
 * server. A request that takes too long ends it; after a crash it is started again, each time a little later.
 */
export class LiveModel {
  readonly #workspace: Workspace
  readonly #program: Program | undefined
  readonly #limitMs: number
  readonly #backoffMs: number
  readonly #waiting = new Map<number, Waiting>()
  #child: ChildProcess | null = null
  #lastId = 0
  #crashes = 0
  #notBefore = 0
  #isClosed = false

  constructor(workspace: Workspace, { program, limitMs = 30_000, backoffMs = 500 }: LiveModelOptions = {}) {
    this.#workspace = workspace
    this.#program = program
    this.#limitMs = limitMs
    this.#backoffMs = backoffMs
  }

  /** Process id while one runs; null else. */
  get pid(): number | null {
    return this.#child?.pid ?? null
  }

  /**
   * Asks one question, its answer checked by `schema`.
   * @throws LesionloopError what the process answered, or `live-busy`, `live-slow`, `live-ended`, `not-built`.
   */
  async ask<Schema extends z.ZodType>(question: LiveQuestion, schema: Schema): Promise<z.output<Schema>> {
    if (this.#waiting.size >= MOST_WAITING)
      throw new LesionloopError(
        'live-busy',
        `model: ${MOST_WAITING} requests are waiting already; try again in a moment`,
      )
    const child = this.#child ?? this.#start()
    const id = ++this.#lastId
    const result = await new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(() => {
        const error = new LesionloopError(
          'live-slow',
          `model: no answer within ${Math.round(this.#limitMs / 1000)} s: its process was ended; try again, with a smaller picture`,
        )
        this.#settle(id)?.reject(error)
        child.kill('SIGKILL')
      }, this.#limitMs)
      this.#waiting.set(id, { resolve, reject, timer })
      child.stdin!.write(`${JSON.stringify({ id, ...question })}\n`)
    })
    const checked = schema.safeParse(result)
    if (checked.success) return checked.data
    throw new LesionloopError(
      'live-answer',
      'model: its answer was not understood: program and process are of different versions; run `npm run build` and restart',
    )
  }

  /** Ends the process; whoever waits is told. */
  async close(): Promise<void> {
    this.#isClosed = true
    const child = this.#child
    if (!child) return
    const gone = new Promise<void>(resolve => void child.once('exit', () => resolve()))
    child.stdin!.end()
    child.kill('SIGKILL')
    await gone
  }

  #start(): ChildProcess {
    const wait = this.#notBefore - Date.now()
    if (this.#isClosed) throw ended('the server is stopping')
    if (wait > 0) throw ended(`its process is started again in ${Math.ceil(wait / 1000)} s; try again then`)
    const { command, args } = this.#program ?? builtCommandLine()
    const child = spawn(command, [...args, 'live', '--workspace', this.#workspace.dir], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --max-old-space-size=${HEAP_MB}`,
      },
    })
    this.#child = child
    let lastWords = ''
    let isOver = false
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-1000)
    })
    // A pipe that breaks is a process that ends, which `exit` tells.
    child.stdin!.on('error', () => undefined)
    createInterface({ input: child.stdout! }).on('line', line => this.#take(line))
    const over = (why: string) => {
      if (isOver) return
      isOver = true
      if (this.#child === child) this.#child = null
      if (this.#waiting.size > 0 || this.#crashes > 0) {
        this.#notBefore = Date.now() + Math.min(LONGEST_BACKOFF_MS, this.#backoffMs * 2 ** this.#crashes)
        this.#crashes++
      }
      const words = lastWords.trim().split('\n').at(-1)?.slice(0, 300)
      for (const id of [...this.#waiting.keys()])
        this.#settle(id)?.reject(ended(`its process ended (${why})${words ? `: ${words}` : ''}; try again`))
    }
    child.once('error', error => over(messageOf(error)))
    // Not `exit`: answers may still lie in the pipe then.
    child.once('close', (code, signal) => over(signal ?? `status ${code}`))
    return child
  }

  #take(line: string): void {
    const answer = liveAnswer.safeParse(parsed(line))
    if (!answer.success) return
    const waiting = this.#settle(answer.data.id)
    if (!waiting) return
    // An answer, also a refusal, is a sign of a sound process.
    this.#crashes = 0
    if (answer.data.ok) waiting.resolve(answer.data.result)
    else if (/^[a-z-]+$/.test(answer.data.error.code) && answer.data.error.code !== 'unexpected')
      waiting.reject(new LesionloopError(answer.data.error.code, answer.data.error.message))
    else
      waiting.reject(new LesionloopError('live-failed', `model: ${answer.data.error.message.slice(0, 300)}`))
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    if (waiting) clearTimeout(waiting.timer)
    this.#waiting.delete(id)
    return waiting
  }
}

const ended = (why: string) => new LesionloopError('live-ended', `model: no answer: ${why}`)

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
