import { basename, dirname, extname } from 'node:path'
import { parseArgs } from 'citty'
import { asHere } from '../data/jobs/queue/as-here.ts'
import type { Handlers, NewPiece, Working } from '../data/jobs/queue/work.ts'
import { fanOut } from '../data/jobs/queue/work.ts'
import { poolLimits } from '../data/pool/limits.ts'
import { openPool, type Pool } from '../data/pool/pool.ts'
import type { PoolLimits } from '../data/pool/task.ts'
import {
  lastWrite,
  lockDocuments,
  writtenSince,
  wroteDocuments,
} from '../data/stores/postgres/document-writes.ts'
import type { Store } from '../data/stores/store.ts'
import type { Workspace } from '../data/workspace/open.ts'
import { DocumentBook } from '../extractor/mine/document-book.ts'
import { inputFiles, takenInOrder } from '../extractor/mine/input-files.ts'
import { type InputUnit, inputUnits } from '../extractor/mine/input-units.ts'
import type { MinedPdf } from '../extractor/mine/mine-pdf.ts'
import { type MineResult, MineRun } from '../extractor/mine/mine-run.ts'
import { type PdfToMine, task } from '../extractor/mine/pdf-task.ts'
import { createMiner } from '../extractor/text/miner.ts'
import { closeMining, MINE_ARGS, mineChoices } from './mine.ts'
import { bringFolder, bringUnit } from './shared-inputs.ts'

/** Units that are mined one after the other, since the first of them gets the DOI that all of them print. */
interface Group {
  units: InputUnit[]
  /** The workspace's folder where they were listed. */
  dir: string
}

/**
 * Mining over the queue: a piece lists the files, then each document is a piece of its own, and when the last has ended
 * one piece does what is done once. The pool of processes and what is known of the documents are kept between pieces.
 */
export function mineHandlers(
  workspace: Workspace,
  store: Store,
  limits: Partial<PoolLimits>,
): { handlers: Handlers; close(): void } {
  const book = new DocumentBook(workspace)
  const miner = createMiner()
  let pool: Pool<PdfToMine, MinedPdf> | undefined
  let seen = 0
  /** The job for which the folder was looked through last, and the look itself. */
  let looked: { job: string; done: Promise<void> } | undefined
  let turn: Promise<unknown> = Promise.resolve()

  /** What others wrote by hand or before this job began; what they write during it is told by the database. */
  function lookThrough({ job, fenced, number }: Working): Promise<void> {
    const look = async () => {
      const last = await fenced(ask => lastWrite(ask, number))
      await workspace.shared?.pull()
      await book.readFolder()
      seen = Math.max(seen, last)
    }
    if (looked?.job !== job.id) {
      const done = look()
      const mine = { job: job.id, done }
      looked = mine
      // Looked again by the next piece where it could not be.
      done.catch(() => {
        if (looked === mine) looked = undefined
      })
    }
    return looked.done
  }

  /** Records that others wrote, perhaps on another machine. */
  async function readWrites(documents: readonly string[]): Promise<void> {
    for (const id of documents)
      await workspace.shared?.fetch(workspace.paths.documentFile(id), { newest: true })
    await book.readAgain(documents)
  }

  /** Alone among all workers: one here at a time, then one of all. */
  function alone<T>(working: Working, run: MineRun, work: () => Promise<T>): Promise<T> {
    const { fenced, number } = working
    const mine = turn.then(() =>
      fenced(async ask => {
        await lockDocuments(ask, number)
        await readWrites(await writtenSince(ask, number, seen))
        // What an earlier attempt said of the document may stand in another machine's lists.
        if (working.piece.attempt > 1) await workspace.shared?.pull()
        const outcome = await work()
        await wroteDocuments(ask, number, run.written)
        seen = Math.max(seen, await lastWrite(ask, number))
        return outcome
      }),
    )
    turn = mine.catch(() => undefined)
    return mine
  }

  /** A piece's units, their files on this machine. */
  async function unitsHere({ piece }: Working): Promise<InputUnit[]> {
    const { units, dir } = piece.data as Group
    const here = (path: string) => asHere(workspace.dir, dir, path)
    const own = units.map(({ path, article, slices, ...unit }) => ({
      ...unit,
      path: here(path),
      ...(article === undefined ? {} : { article: here(article) }),
      ...(slices ? { slices: slices.map(here) } : {}),
    }))
    for (const unit of own) await bringUnit(workspace, unit)
    return own
  }

  async function runOf(working: Working, units: readonly InputUnit[]): Promise<MineRun> {
    const { job, piece, signal } = working
    await lookThrough(working)
    pool ??= openPool(task, poolLimits(limits))
    const { kinds, again } = await choices(job.args)
    const run: MineRun = new MineRun(workspace, {
      cases: store.cases,
      miner,
      kinds,
      again,
      pool,
      book,
      units: new Map(units.map(unit => [unit.path, unit])),
      attempt: { mark: `${job.id}/${piece.id}`, isAgain: piece.attempt > 1, since: job.startedAt },
      alone: work => alone(working, run, work),
      signal,
    })
    return run
  }

  const sayOf = (working: Working) => (more: { detail?: string; problem?: MineProblem }) =>
    working.report({ step: 'mining', done: 0, total: null, ...more })

  const handlers: Handlers = {
    mine: {
      async run({ job }) {
        const { paths } = await choices(job.args)
        for (const path of paths) await bringFolder(workspace, path)
        const units = await inputUnits(await inputFiles(paths))
        const pieces = grouped(units).map(
          (group): NewPiece => ({
            step: 'mine-document',
            kind: 'mine',
            name: basename(group.units[0]!.path),
            data: { ...group, dir: workspace.dir } satisfies Group,
          }),
        )
        return fanOut('mining', pieces, {
          step: 'mine-close',
          kind: 'mine',
          name: 'versions and sides',
          data: null,
        })
      },
    },
    'mine-document': {
      async run(working) {
        const units = await unitsHere(working)
        const run = await runOf(working, units)
        for (const { path } of units) {
          const stopped = new Promise<never>((_, reject) =>
            working.signal.addEventListener('abort', () => reject(working.signal.reason), { once: true }),
          )
          const taken = await Promise.race([run.take(path), stopped]).then(
            value => ({ ok: true as const, value }),
            (error: unknown) => ({ ok: false as const, error }),
          )
          working.signal.throwIfAborted()
          await run.finish(path, taken, sayOf(working))
        }
        return { result: run.result(units.map(({ path }) => path)) }
      },
      async putAside(working, error) {
        const units = await unitsHere(working).catch(() => (working.piece.data as Group).units)
        const run = await runOf(working, units)
        for (const { path } of units) await run.putAside(path, error, sayOf(working))
        return run.result(units.map(({ path }) => path))
      },
    },
    'mine-close': {
      async run(working) {
        const total: MineResult = {
          mined: 0,
          unchanged: 0,
          rejected: [],
          figures: 0,
          cases: 0,
          documents: [],
        }
        for await (const { result } of working.results<MineResult>()) {
          if (!result) continue
          for (const name of ['mined', 'unchanged', 'figures', 'cases'] as const) total[name] += result[name]
          total.rejected.push(...result.rejected)
          total.documents.push(...result.documents)
        }
        const { duplicates } = await choices(working.job.args)
        const closed = await working.fenced(async ask => {
          await lockDocuments(ask, working.number)
          await workspace.shared?.pull()
          const { signal, report: progress } = working
          const done = await closeMining(workspace, store, { signal, progress }, duplicates)
          const changed = done.versions.flatMap(({ document, replaces }) => [document, ...replaces])
          await wroteDocuments(ask, working.number, [...changed, ...done.marked])
          return done
        })
        return { result: { ...total, ...closed } }
      },
    },
  }
  return { handlers, close: () => pool?.close() }
}

type MineProblem = { item: string; code: string; message: string }

/** What a job's arguments ask for. */
async function choices(args: readonly string[]) {
  const parsed = parseArgs<typeof MINE_ARGS>([...args.slice(1)], MINE_ARGS)
  return { ...mineChoices(parsed), paths: parsed._.map(String), duplicates: parsed.duplicates }
}

/**
 * Documents in the order in which one process would take them. Those whose names begin with another's ("paper",
 * "paper-supplement") stay with it.
 */
export function grouped(units: readonly InputUnit[]): Pick<Group, 'units'>[] {
  const byPath = new Map(units.map(unit => [unit.path, unit]))
  const groups: Pick<Group, 'units'>[] = []
  const heads = new Map<string, { stem: string; group: Pick<Group, 'units'> }>()
  for (const path of takenInOrder([...byPath.keys()])) {
    const folder = dirname(path)
    const stem = basename(path, extname(path))
    const head = heads.get(folder)
    if (head && isNamedAfter(stem, head.stem)) head.group.units.push(byPath.get(path)!)
    else {
      const group = { units: [byPath.get(path)!] }
      groups.push(group)
      heads.set(folder, { stem, group })
    }
  }
  return groups
}

/** "paper-2" after "paper"; "12" is not after "1". */
const isNamedAfter = (stem: string, head: string) =>
  stem.startsWith(head) && !/^[\p{L}\p{N}]/u.test(stem.slice(head.length))
