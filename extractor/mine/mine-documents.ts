import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename, extname } from 'node:path'
import { codeOf, LesionloopError, messageOf } from '../../data/errors.ts'
import { inOrder } from '../../data/pool/in-order.ts'
import { poolLimits } from '../../data/pool/limits.ts'
import { openPool, type Pool } from '../../data/pool/pool.ts'
import type { PoolLimits, Task } from '../../data/pool/task.ts'
import type { DocumentRecord } from '../../data/records/document.ts'
import type { RunOptions } from '../../data/records/job.ts'
import type { ImageKind } from '../../data/records/vocabulary.ts'
import type { CaseStore } from '../../data/stores/store.ts'
import { listDocuments, reject, writeDocument } from '../../data/workspace/documents.ts'
import { writeFileAtomically } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { packageVersion } from '../../data/workspace/package-root.ts'
import { screened } from '../../data/workspace/screening.ts'
import type { Miner } from '../text/miner.ts'
import { casesOf } from './cases-of.ts'
import { inputFiles, takenInOrder } from './input-files.ts'
import { type InputUnit, inputUnits } from './input-units.ts'
import { joinedDocument, ownId } from './joined-document.ts'
import { mineText, sliceCases } from './loose-cases.ts'
import type { MinedPdf } from './mine-pdf.ts'
import { task as ownTask, type PdfToMine } from './pdf-task.ts'
import {
  type Entry,
  entryOfDocument,
  entryOfDouble,
  entryOfRejected,
  entryOfSlices,
  entryOfTable,
} from './screening-entries.ts'

export interface MineOptions extends RunOptions {
  cases: Pick<CaseStore, 'put' | 'mined'>
  /** Reads the captions of tables; those of PDFs are read by the workers, with the package's own lexicon. */
  miner: Miner
  /** Kinds of pictures that become cases; CT alone where not given. */
  kinds?: readonly ImageKind[]
  /** Mines again what the same version has mined. */
  again?: boolean
  /** Workers, and what each file may take; a worker a core where not given. */
  limits?: Partial<PoolLimits>
  /** The work on one PDF, where it is not to be this build's own. */
  task?: Task<PdfToMine, MinedPdf>
}

export interface MineResult {
  mined: number
  /** Already mined by this version. */
  unchanged: number
  /** In the order of the files given; so are the documents. */
  rejected: { file: string; code: string; message: string }[]
  figures: number
  cases: number
  documents: string[]
}

/** Changes where the extractor finds other things than before; part of what is written with every case. */
const REVISION = 1
export const minerVersion = () => `lesionloop ${packageVersion()} extractor ${REVISION}`

const TABLES: Record<string, string> = { '.jsonl': 'jsonl', '.ndjson': 'jsonl', '.csv': 'csv', '.tsv': 'csv' }
/** Files begun before the first unfinished one, for each worker: what is done and not yet written is held in memory. */
const AHEAD = 8

/** A file as its worker leaves it: to be written, or there already. */
type TakenDocument = { unit: InputUnit; sha256: string; mined?: MinedPdf }
type Taken = { table: string } | { slices: string[] } | TakenDocument
type Outcome = Pick<MineResult, 'rejected' | 'documents'>

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
    const run = new MineRun(workspace, options, pool, await knownDocuments(workspace), units)
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

type Say = (more: { detail?: string; problem?: { item: string; code: string; message: string } }) => void

async function knownDocuments(workspace: Workspace): Promise<Map<string, DocumentRecord>> {
  const known = new Map<string, DocumentRecord>()
  for await (const record of listDocuments(workspace)) {
    if (record.text) known.set(record.text.sha256, record)
    known.set(record.file.sha256, record)
  }
  return known
}

/** One run over many files: what the workers give is written here, file by file. */
class MineRun {
  readonly #workspace: Workspace
  readonly #options: MineOptions
  readonly #pool: Pool<PdfToMine, MinedPdf>
  /** Documents that are there, by the hash of their file. */
  readonly #known: Map<string, DocumentRecord>
  readonly #units: ReadonlyMap<string, InputUnit>
  readonly #version = minerVersion()
  /** Files of this run by their hash: a copy under another name is not mined twice. */
  readonly #begun = new Set<string>()
  readonly #written = new Set<string>()
  readonly #outcomes = new Map<string, Outcome>()
  readonly #counts = { mined: 0, unchanged: 0, figures: 0, cases: 0 }
  /** Files are hashed one after another, so that of two copies the first in order is the one mined. */
  #hashing: Promise<unknown> = Promise.resolve()

  constructor(
    workspace: Workspace,
    options: MineOptions,
    pool: Pool<PdfToMine, MinedPdf>,
    known: Map<string, DocumentRecord>,
    units: ReadonlyMap<string, InputUnit>,
  ) {
    this.#units = units
    this.#workspace = workspace
    this.#options = options
    this.#pool = pool
    this.#known = known
  }

  result(files: string[]): MineResult {
    const outcomes = files.flatMap(path => this.#outcomes.get(path) ?? [])
    return {
      ...this.#counts,
      rejected: outcomes.flatMap(({ rejected }) => rejected),
      documents: outcomes.flatMap(({ documents }) => documents),
    }
  }

  /** What can be done of a file beside the others: everything but writing. */
  readonly take = async (path: string): Promise<Taken> => {
    const unit = this.#units.get(path)!
    if (unit.kind === 'table') return { table: TABLES[extname(path).toLowerCase()]! }
    if (unit.slices) return { slices: unit.slices }
    if (unit.kind === 'text') return await this.#text(unit)
    const hashed = this.#hashing.then(() => this.#hashOf(unit))
    this.#hashing = hashed.catch(() => undefined)
    const { sha256, open } = await hashed
    return open ? { unit, sha256, mined: await this.#mine(unit) } : { unit, sha256 }
  }

  /** Writes what was taken of a file, or puts on record why it can't be used. */
  async finish(
    path: string,
    taken: { ok: true; value: Taken } | { ok: false; error: unknown },
    say: Say,
  ): Promise<void> {
    const outcome: Outcome = { rejected: [], documents: [] }
    this.#outcomes.set(path, outcome)
    try {
      if (!taken.ok) throw taken.error
      if ('table' in taken.value) await this.#rows(path, taken.value.table, outcome)
      else if ('slices' in taken.value) await this.#slices(path, taken.value.slices, outcome, say)
      else await this.#document(path, taken.value, outcome, say)
    } catch (error) {
      this.#options.signal?.throwIfAborted()
      const { code, message } = describe(path, error)
      await this.#reject(path, code, message, outcome, say)
    }
  }

  async #reject(path: string, code: string, message: string, outcome: Outcome, say: Say): Promise<void> {
    outcome.rejected.push({ file: basename(path), code, message })
    say({ problem: { item: basename(path), code, message } })
    if (code === 'ENOENT') return
    await reject(this.#workspace, { name: path, code, reason: message }, { path })
    await this.#screened(await entryOfRejected(path, message))
  }

  #screened(entry: Entry | undefined): Promise<void> {
    return screened(this.#workspace, entry ? [entry] : [])
  }

  async #hashOf({ path, article }: InputUnit): Promise<{ sha256: string; open: boolean }> {
    this.#options.signal?.throwIfAborted()
    const sha256 = await hashOf(path)
    const before = this.#known.get(sha256)
    const done =
      before?.miner.version === this.#version &&
      !this.#options.again &&
      (article === undefined || before.text?.sha256 === (await hashOf(article)))
    const open = !done && !this.#begun.has(sha256)
    if (open) this.#begun.add(sha256)
    return { sha256, open }
  }

  #mine({ path, kind, article }: InputUnit): Promise<MinedPdf> {
    const { images } = this.#workspace.paths
    const version = this.#version
    const of = kind === 'article' || kind === 'package' ? { kind } : article === undefined ? {} : { article }
    return this.#pool.run({ path, ...of, version, images }, basename(path))
  }

  async #text(unit: InputUnit): Promise<TakenDocument> {
    const { images } = this.#workspace.paths
    const mined = await mineText(unit.path, { miner: this.#options.miner, version: this.#version, images })
    const { sha256 } = mined.record.file
    const isDone = this.#known.get(sha256)?.miner.version === this.#version && !this.#options.again
    return isDone ? { unit, sha256 } : { unit, sha256, mined }
  }

  async #document(path: string, { unit, sha256, mined }: TakenDocument, outcome: Outcome, say: Say) {
    const before = this.#known.get(sha256)
    if (before && !mined && (this.#written.has(sha256) || before.miner.version === this.#version)) {
      this.#counts.unchanged++
      outcome.documents.push(before.id)
      await this.#screened(await entryOfDouble(path, before))
      return
    }
    // The copy that was to be mined could not be: this one says why itself.
    const own = mined ?? (await this.#mine(unit))
    const {
      record: read,
      wholes,
      pictures,
      article,
      source,
      isJoined,
    } = await joinedDocument(unit, own, {
      workspace: this.#workspace,
      known: this.#known,
      mine: other => this.#mine(other),
      say,
    })
    const record = { ...read, id: isJoined ? read.id : (before?.id ?? ownId(read, this.#known)) }
    const cases = casesOf(record, { kinds: this.#options.kinds ?? ['ct'], wholes })
    const { files, paths } = this.#workspace
    for (const { file, bytes } of pictures) await writeFileAtomically(files, paths.image(file), bytes)
    await this.#options.cases.put(record.id, cases)
    // Last: a document is there when its record is.
    const written = await writeDocument(this.#workspace, record, source, article)
    for (const hash of [sha256, written.file.sha256, written.text?.sha256])
      if (hash) {
        this.#known.set(hash, written)
        this.#written.add(hash)
      }
    this.#counts.mined++
    this.#counts.figures += record.figures.length
    this.#counts.cases += cases.length
    outcome.documents.push(record.id)
    await this.#screened(entryOfDocument(record, cases.length))
    for (const { page, reason } of record.skipped)
      if (!/^no text on this page/.test(reason))
        say({ detail: `${basename(path)}: ${page > 0 ? `page ${page}: ` : ''}${reason}` })
  }

  /** DICOM slices: cases without a caption, a put for each study. */
  async #slices(path: string, slices: string[], outcome: Outcome, say: Say) {
    const { signal } = this.#options
    const { studies, taken, problems } = await sliceCases(this.#workspace, slices, {
      version: this.#version,
      cases: this.#options.cases,
      ...(signal ? { signal } : {}),
    })
    for (const { path: slice, code, message } of problems)
      await this.#reject(slice, code, message, outcome, say)
    for (const [study, cases] of studies) await this.#options.cases.put(study, cases)
    if (taken === 0) return
    this.#counts.mined++
    this.#counts.cases += taken
    await this.#screened(entryOfSlices(path, taken))
  }

  /** A table of pictures with captions, a row a case: faulty rows are reported and left out. */
  async #rows(path: string, format: string, outcome: Outcome) {
    const { importFormat } = await import('../../data/formats/registry.ts')
    const { signal, onProgress, miner, cases } = this.#options
    const taken = await importFormat(format).run(this.#workspace, path, {
      cases,
      mineText: texts => texts.map(text => miner.mine(text)),
      miner: this.#version,
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress } : {}),
    })
    this.#counts.mined += taken.documents
    this.#counts.cases += taken.imported
    await this.#screened(entryOfTable(path, taken.imported, taken.rejected.length))
    for (const { item, code, message } of taken.rejected) outcome.rejected.push({ file: item, code, message })
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

function describe(path: string, error: unknown): { code: string; message: string } {
  if (error instanceof LesionloopError) return { code: error.code, message: error.message }
  const code = codeOf(error)
  if (code === 'ENOENT') return { code, message: `document: ${basename(path)}: no such file; check its path` }
  return { code, message: `document: ${basename(path)}: ${messageOf(error)}` }
}
