import { basename } from 'node:path'
import { inOrder } from '../../data/pool/in-order.ts'
import { poolLimits } from '../../data/pool/limits.ts'
import { openPool } from '../../data/pool/pool.ts'
import type { PoolLimits, Task } from '../../data/pool/task.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { DocumentBook } from './document-book.ts'
import { inputFiles, takenInOrder } from './input-files.ts'
import { inputUnits } from './input-units.ts'
import type { MinedPdf } from './mine-pdf.ts'
import { type MineResult, MineRun, type RunOfMining, type Say } from './mine-run.ts'
import { task as ownTask, type PdfToMine } from './pdf-task.ts'

export interface MineOptions extends Omit<RunOfMining, 'pool' | 'book' | 'units' | 'attempt' | 'alone'> {
  /** Workers, and what each file may take; a worker a core where not given. */
  limits?: Partial<PoolLimits>
  /** The work on one PDF, where it is not to be this build's own. */
  task?: Task<PdfToMine, MinedPdf>
}

/** Files begun before the first unfinished one, for each worker: what is done and not yet written is held in memory. */
const AHEAD = 8

/**
 * Mines documents into the workspace: each one's record, pictures and cases. Folders are walked. PDFs are read by a pool
 * of workers; this process alone writes, in an order of names, so that neither the number of workers nor the order of
 * the paths changes what is written. What the same miner has mined is passed over, so that a stopped run goes on where
 * it stopped; mining again replaces a document's cases and keeps their ids. A file that can't be used, or breaks a
 * limit, is put on record in rejected/ and reported; the rest goes through. Needs the `documents` and `cases` locks.
 */
export async function mineDocuments(
  workspace: Workspace,
  paths: string[],
  options: MineOptions,
): Promise<MineResult> {
  const units = new Map((await inputUnits(await inputFiles(paths))).map(unit => [unit.path, unit]))
  const files = [...units.keys()]
  const limits = poolLimits(options.limits)
  const pool = openPool(options.task ?? ownTask, {
    ...limits,
    ...(options.signal ? { signal: options.signal } : {}),
  })
  try {
    const book = new DocumentBook(workspace)
    await book.readFolder()
    const run = new MineRun(workspace, { ...options, pool, book, units })
    const order = takenInOrder(files)
    const report = (done: number, path: string) =>
      options.onProgress?.({ step: 'mining', done, total: files.length, detail: basename(path) })
    if (order[0] !== undefined) report(0, order[0])
    for await (const { item: path, at, ...taken } of inOrder(order, AHEAD * limits.workers, run.take)) {
      options.signal?.throwIfAborted()
      const say: Say = more =>
        options.onProgress?.({ step: 'mining', done: at, total: files.length, ...more })
      await run.finish(path, taken, say)
      const following = order[at + 1]
      if (following !== undefined) report(at + 1, following)
    }
    options.signal?.throwIfAborted()
    options.onProgress?.({ step: 'mining', done: files.length, total: files.length })
    return run.result(files)
  } finally {
    pool.close()
  }
}
