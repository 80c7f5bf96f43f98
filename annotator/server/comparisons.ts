import { spawn } from 'node:child_process'
import { z } from 'zod'
import { LesionloopError } from '../../data/errors.ts'
import { builtCommandLine, type Program } from '../../data/jobs/child.ts'
import type { Comparison } from '../../data/records/comparison.ts'
import type { Workspace } from '../../data/workspace/open.ts'

const LIMIT_MS = 120_000
/** A comparison of a hundred thousand cases stays below this. */
const MOST_BYTES = 64 * 2 ** 20
const KEPT = 8

/** What is read of the answer's shape here; its parts are the trainer's own and typed by data/records. */
const refusal = z.object({ error: z.object({ code: z.string().regex(/^[a-z-]+$/), message: z.string() }) })
const answer = z.looseObject({
  format: z.literal('lesionloop-comparison-1'),
  before: z.looseObject({ id: z.string() }),
  after: z.looseObject({ id: z.string() }),
  sides: z.array(z.looseObject({ side: z.string(), cases: z.number() })),
  measures: z.array(z.looseObject({ head: z.string(), verdict: z.string() })),
  flips: z.array(z.looseObject({ case: z.string(), imageFile: z.string() })),
  corrections: z.array(z.looseObject({ cause: z.string(), count: z.number() })),
  gates: z.array(z.looseObject({ name: z.string(), verdict: z.string(), words: z.string() })),
  promotable: z.boolean(),
  warnings: z.array(z.string()),
})

/**
 * Compares two cycles by the command line, one comparison at a time, since each takes a processor for seconds. Sealed
 * cycles don't change, but the truth they are measured by does: what was compared is kept until the next act.
 */
export class Comparisons {
  readonly #workspace: Workspace
  readonly #program: Program | undefined
  readonly #known = new Map<string, Promise<Comparison>>()
  #turn: Promise<unknown> = Promise.resolve()

  constructor(workspace: Workspace, program?: Program) {
    this.#workspace = workspace
    this.#program = program
  }

  /**
   * @param truth names the state of the labels: the journal's last sequence number
   * @throws LesionloopError what the verb says, or `not-built`, `comparison-failed`.
   */
  compare(before: string, after: string, truth: number): Promise<Comparison> {
    const key = `${before} ${after} ${truth}`
    const known = this.#known.get(key)
    if (known) return known
    const asked = this.#turn.then(() => this.#run(before, after))
    this.#turn = asked.catch(() => undefined)
    this.#known.set(key, asked)
    if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value!)
    // A failure is not kept: what was wrong may have been put right.
    asked.catch(() => this.#known.delete(key))
    return asked
  }

  async #run(before: string, after: string): Promise<Comparison> {
    const { command, args } = this.#program ?? builtCommandLine()
    const verb = ['compare', before, after, '--workspace', this.#workspace.dir, '--json']
    const printed = await printedBy(command, [...args, ...verb])
    const json = parsed(printed.out)
    const refused = refusal.safeParse(json)
    if (refused.success) throw new LesionloopError(refused.data.error.code, refused.data.error.message)
    const read = answer.safeParse(json)
    if (!read.success)
      throw new LesionloopError(
        'comparison-failed',
        `comparison: ${before} with ${after}: no answer${printed.err ? `: ${printed.err}` : ''}; try again`,
      )
    return read.data as unknown as Comparison
  }
}

function printedBy(command: string, args: string[]): Promise<{ out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS })
    const chunks: Buffer[] = []
    let bytes = 0
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > MOST_BYTES) child.kill('SIGKILL')
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err = (err + text).slice(-1000)
    })
    child.once('error', reject)
    child.once('close', () =>
      resolve({
        out: Buffer.concat(chunks).toString('utf8'),
        err: err.trim().split('\n').at(-1)?.slice(0, 300) ?? '',
      }),
    )
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
