import { once } from 'node:events'
import { createReadStream, createWriteStream, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { finished } from 'node:stream/promises'
import { codeOf, LesionloopError, messageOf } from '../data/errors.ts'
import { inOrder } from '../data/pool/in-order.ts'
import { poolLimits } from '../data/pool/limits.ts'
import { openPool } from '../data/pool/pool.ts'
import type { PoolLimits, Task } from '../data/pool/task.ts'
import { createMiner } from '../extractor/text/miner.ts'
import { type RowFormat, readRows } from '../extractor/text/rows.ts'
import { fileError, labelLine, write } from './label-line.ts'
import type { Terminal } from './terminal.ts'

interface FileToLabel {
  path: string
  format: RowFormat | null
  /** Where its lines are written until their turn comes. */
  out: string
}

interface Labelled {
  rows: number
  /** Rows that could not be read, a message each. */
  problems: string[]
}

/** Of more faulty rows than this the rest is only counted. */
const MOST_PROBLEMS = 1000
const AHEAD = 8

/** Labels one file into a file of lines; each line ends with the name of the file it is of. */
export const task: Task<FileToLabel, Labelled> = {
  module: import.meta.url,
  noun: 'file',
  prepare: async () => void createMiner(),
  run: async ({ path, format, out }, { signal }) => {
    const miner = createMiner()
    const file = basename(path)
    const labelled: Labelled = { rows: 0, problems: [] }
    let faulty = 0
    const lines = createWriteStream(out)
    try {
      for await (const batch of readRows(createReadStream(path, { highWaterMark: 1 << 18 }), file, format)) {
        signal?.throwIfAborted()
        let text = ''
        for (const each of batch) {
          if ('problem' in each) {
            if (++faulty <= MOST_PROBLEMS) labelled.problems.push(each.problem.message)
            continue
          }
          labelled.rows++
          text += `${JSON.stringify({ ...labelLine(miner, each.row), file })}\n`
        }
        if (text !== '' && !lines.write(text)) await once(lines, 'drain')
      }
    } catch (error) {
      throw fileError(error, path)
    } finally {
      lines.end()
      await finished(lines)
    }
    if (faulty > MOST_PROBLEMS)
      labelled.problems.push(`row: ${file}: ${faulty - MOST_PROBLEMS} more lines that can't be read`)
    return labelled
  },
}

/**
 * Labels several files over a pool of workers; their lines come out in the order of the files, each with its `file`.
 * A file that can't be read or breaks a limit gives no line and is reported; gives whether all went through.
 */
export async function labelFiles(
  files: { path: string; format: RowFormat | null }[],
  given: Partial<PoolLimits>,
  terminal: Terminal,
): Promise<boolean> {
  if (files.some(({ path }) => path === '-'))
    throw new LesionloopError(
      'usage',
      'label: -: standard input goes alone; give files, or pipe them one by one',
    )
  const limits = poolLimits(given)
  const { signal } = terminal
  const folder = await mkdtemp(join(tmpdir(), 'lesionloop-label-'))
  // Also where the reader of the pipe went away ("label … | head"), which ends the process at once.
  const sweep = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  process.once('exit', sweep)
  const pool = openPool(task, { ...limits, signal })
  let clean = true
  try {
    const begin = async (file: (typeof files)[number], at: number) => {
      const out = join(folder, `${at}.jsonl`)
      const { problems } = await pool.run({ ...file, out }, basename(file.path))
      return { out, problems }
    }
    for await (const { item, at, ...labelled } of inOrder(files, AHEAD * limits.workers, begin)) {
      signal.throwIfAborted()
      const where = { step: 'labelling', done: at, total: files.length, detail: basename(item.path) }
      if (labelled.ok) {
        const { out, problems } = labelled.value
        for (const problem of problems) terminal.say(problem)
        clean &&= problems.length === 0
        for await (const chunk of createReadStream(out, 'utf8')) await write(chunk as string)
        await rm(out)
        terminal.progress({ ...where, done: at + 1 })
      } else {
        const { error } = labelled
        terminal.progress({
          ...where,
          problem: { item: item.path, code: codeOf(error), message: messageOf(error) },
        })
      }
    }
    signal.throwIfAborted()
    return clean
  } finally {
    pool.close()
    process.off('exit', sweep)
    sweep()
  }
}
