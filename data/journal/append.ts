import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LesionloopError, messageOf } from '../errors.ts'
import type { Act } from '../records/act.ts'
import { type FileOperations, type OpenFile, writeAll } from '../workspace/files.ts'
import { encodeLine } from './line.ts'
import { type JournalProblem, repair } from './repair.ts'
import { replay } from './replay.ts'

/** An act before it has its number and time. */
export type Unwritten = Omit<Act, 'seq' | 'at'>

export interface Written {
  act: Act
  /** Its line in the journal, without the newline. */
  offset: number
  length: number
}

export interface Journal {
  readonly lastSeq: number
  /** What was found wrong, and mended, when it was opened. */
  readonly problems: JournalProblem[]
  /**
   * Writes one act; resolves after it is on the disk. Acts that wait at the same time share one fsync and keep their order.
   * @throws LesionloopError `journal-write` (nothing of it is kept), `journal-broken` (open it again), `journal-closed`.
   */
  append(act: Unwritten): Promise<Written>
  /** Waits for what is being written, then closes. */
  close(): Promise<void>
}

export interface OpenJournalOptions {
  files: FileOperations
  /** Gets every act that is there already, in order, with its place. */
  visit?: (act: Act, offset: number, length: number) => void
  now?: () => Date
}

/** Most acts that share one fsync: one line is some hundred bytes, so that a commit stays under a megabyte or so. */
const BATCH = 512

/** Opens the journal for writing: replays it, mends what is broken, and goes on at its end. Needs the `labels` lock. */
export async function openJournal(path: string, options: OpenJournalOptions): Promise<Journal> {
  const { files, visit = () => {}, now = () => new Date() } = options
  const folder = dirname(path)
  await files.makeFolder(folder)
  const isNew = !existsSync(path)
  const bytes = isNew ? Buffer.alloc(0) : await readFile(path)
  const places: Written[] = []
  const found = replay(bytes, (act, offset, length) => places.push({ act, offset, length }))
  const problems = await repair(files, path, bytes, found, now())
  // A rewritten journal has its lines elsewhere.
  if (found.damaged.length > 0 || found.missing.length > 0)
    replay(await readFile(path), (act, offset, length) => visit(act, offset, length))
  else for (const { act, offset, length } of places) visit(act, offset, length)

  const file = await files.open(path, 'a')
  try {
    if (isNew) {
      await file.sync()
      await files.syncFolder(folder)
    }
    if (found.unterminated && !found.torn) {
      await writeAll(file, Buffer.from('\n'))
      await file.sync()
    }
    const size = await file.size()
    return writer(file, { size, lastSeq: found.lastSeq, lastAt: found.lastAt, problems, now })
  } catch (error) {
    await file.close()
    throw error
  }
}

interface Waiting {
  act: Unwritten
  resolve(written: Written): void
  reject(error: unknown): void
}

function writer(
  file: OpenFile,
  start: { size: number; lastSeq: number; lastAt: string; problems: JournalProblem[]; now: () => Date },
): Journal {
  let { size, lastSeq, lastAt } = start
  let waiting: Waiting[] = []
  let running: Promise<void> | undefined
  let broken: LesionloopError | undefined
  let closed = false

  async function commit(batch: Waiting[]): Promise<void> {
    // The clock may be set back; the journal's times never go back.
    let at = start.now().toISOString()
    if (at < lastAt) at = lastAt
    const written: Written[] = []
    const lines: Buffer[] = []
    let end = size
    for (const [i, { act }] of batch.entries()) {
      const whole: Act = {
        seq: lastSeq + 1 + i,
        op: act.op,
        at,
        who: act.who,
        case: act.case,
        base: act.base,
        act: act.act,
      }
      const line = encodeLine(whole)
      written.push({ act: whole, offset: end, length: line.length - 1 })
      lines.push(line)
      end += line.length
    }
    try {
      await writeAll(file, Buffer.concat(lines))
      await file.sync()
    } catch (error) {
      await takeBack(error)
      const failure = new LesionloopError(
        'journal-write',
        `journal: could not be written (${messageOf(error)}); nothing was saved: free space on the disk or check it, then save again`,
        {},
        { cause: error },
      )
      for (const one of batch) one.reject(failure)
      return
    }
    size = end
    lastSeq += batch.length
    lastAt = at
    for (const [i, one] of batch.entries()) one.resolve(written[i]!)
  }

  /** After a failed write nothing is known of the file's end: it is cut to what was confirmed, or no more is written. */
  async function takeBack(cause: unknown): Promise<void> {
    try {
      await file.truncate(size)
      await file.sync()
    } catch {
      broken = new LesionloopError(
        'journal-broken',
        `journal: a failed write could not be taken back (${messageOf(cause)}); nothing more is saved until the program is started again: check the disk first`,
        {},
        { cause },
      )
    }
  }

  async function run(): Promise<void> {
    // Let everything that asks in this turn of the event loop share the first fsync.
    await new Promise(resolve => setImmediate(resolve))
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH)
      waiting = waiting.slice(BATCH)
      if (broken) for (const one of batch) one.reject(broken)
      else await commit(batch)
    }
    running = undefined
  }

  return {
    get lastSeq() {
      return lastSeq
    },
    problems: start.problems,
    append(act) {
      if (closed)
        return Promise.reject(
          new LesionloopError('journal-closed', 'journal: closed; open the workspace again'),
        )
      return new Promise((resolve, reject) => {
        waiting.push({ act, resolve, reject })
        running ??= run()
      })
    },
    async close() {
      closed = true
      await running
      await file.close()
    },
  }
}
