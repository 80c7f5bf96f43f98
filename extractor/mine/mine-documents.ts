import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { codeOf, LesionloopError, messageOf } from '../../data/errors.ts'
import type { DocumentRecord } from '../../data/records/document.ts'
import type { RunOptions } from '../../data/records/job.ts'
import type { ImageKind } from '../../data/records/vocabulary.ts'
import type { CaseStore } from '../../data/stores/store.ts'
import { listDocuments, reject, writeDocument } from '../../data/workspace/documents.ts'
import { writeFileAtomically } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { packageVersion } from '../../data/workspace/package-root.ts'
import { inOrder } from '../pool/in-order.ts'
import { poolLimits } from '../pool/limits.ts'
import { openPool, type Pool } from '../pool/pool.ts'
import type { PoolLimits, Task } from '../pool/task.ts'
import type { Miner } from '../text/miner.ts'
import { casesOf } from './cases-of.ts'
import { inputFiles, takenInOrder } from './input-files.ts'
import type { MinedPdf } from './mine-pdf.ts'
import { task as ownTask, type PdfToMine } from './pdf-task.ts'

export interface MineOptions extends RunOptions {
  cases: Pick<CaseStore, 'put'>
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
type TakenPdf = { sha256: string; mined?: MinedPdf }
type Taken = { table: string } | TakenPdf
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
  const files = await inputFiles(paths)
  const limits = poolLimits(options.limits)
  const pool = openPool(options.task ?? ownTask, {
    ...limits,
    ...(options.signal ? { signal: options.signal } : {}),
  })
  try {
    const run = new MineRun(workspace, options, pool, await knownDocuments(workspace))
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
  for await (const record of listDocuments(workspace)) known.set(record.file.sha256, record)
  return known
}

/** One run over many files: what the workers give is written here, file by file. */
class MineRun {
  readonly #workspace: Workspace
  readonly #options: MineOptions
  readonly #pool: Pool<PdfToMine, MinedPdf>
  /** Documents that are there, by the hash of their file. */
  readonly #known: Map<string, DocumentRecord>
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
  ) {
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
    const table = TABLES[extname(path).toLowerCase()]
    if (table) return { table }
    const hashed = this.#hashing.then(() => this.#hashOf(path))
    this.#hashing = hashed.catch(() => undefined)
    const { sha256, open } = await hashed
    return open ? { sha256, mined: await this.#mine(path) } : { sha256 }
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
      else await this.#document(path, taken.value, outcome, say)
    } catch (error) {
      this.#options.signal?.throwIfAborted()
      const { code, message } = describe(path, error)
      outcome.rejected.push({ file: basename(path), code, message })
      say({ problem: { item: basename(path), code, message } })
      if (code !== 'ENOENT') await reject(this.#workspace, { name: path, code, reason: message }, { path })
    }
  }

  async #hashOf(path: string): Promise<{ sha256: string; open: boolean }> {
    this.#options.signal?.throwIfAborted()
    if (extname(path).toLowerCase() === '.txt') refuseText(path, (await stat(path)).size)
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
    const sha256 = hash.digest('hex')
    const done = this.#known.get(sha256)?.miner.version === this.#version && !this.#options.again
    const open = !done && !this.#begun.has(sha256)
    if (open) this.#begun.add(sha256)
    return { sha256, open }
  }

  #mine(path: string): Promise<MinedPdf> {
    const { images } = this.#workspace.paths
    return this.#pool.run({ path, version: this.#version, images }, basename(path))
  }

  async #document(path: string, { sha256, mined }: TakenPdf, outcome: Outcome, say: Say) {
    const before = this.#known.get(sha256)
    if (before && !mined && (this.#written.has(sha256) || before.miner.version === this.#version)) {
      this.#counts.unchanged++
      outcome.documents.push(before.id)
      return
    }
    // The copy that was to be mined could not be: this one says why itself.
    const { record: read, wholes, pictures } = mined ?? (await this.#mine(path))
    const record = { ...read, id: before?.id ?? ownId(read, this.#known) }
    const cases = casesOf(record, { kinds: this.#options.kinds ?? ['ct'], wholes })
    const { files, paths } = this.#workspace
    for (const { file, bytes } of pictures) await writeFileAtomically(files, paths.image(file), bytes)
    await this.#options.cases.put(record.id, cases)
    // Last: a document is there when its record is.
    this.#known.set(sha256, await writeDocument(this.#workspace, record, path))
    this.#written.add(sha256)
    this.#counts.mined++
    this.#counts.figures += record.figures.length
    this.#counts.cases += cases.length
    outcome.documents.push(record.id)
    for (const { page, reason } of record.skipped)
      if (!/^no text on this page/.test(reason)) say({ detail: `${basename(path)}: page ${page}: ${reason}` })
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
    for (const { item, code, message } of taken.rejected) outcome.rejected.push({ file: item, code, message })
  }
}

/**
 * A supplement often prints its paper's DOI: a file of another name does not take the place of a document that is
 * there, but is one of its own, by its bytes. A new copy under the old name does.
 */
function ownId({ id, file }: DocumentRecord, known: Map<string, DocumentRecord>): string {
  const taken = [...known.values()].some(
    other => other.id === id && other.file.sha256 !== file.sha256 && other.file.name !== file.name,
  )
  return taken ? bytesId(file.sha256) : id
}

/** The id of a document without a DOI, as data/workspace/documents.ts makes it of the bytes. */
const bytesId = (sha256: string) => `sha256-${sha256.slice(0, 32)}`

/** Captions without pictures make no case; what they say can be had as text. */
function refuseText(path: string, bytes: number): never {
  const name = basename(path)
  if (bytes === 0)
    throw new LesionloopError('text-empty', `document: ${name}: 0 bytes: expected text; fetch it again`)
  throw new LesionloopError(
    'text-without-picture',
    `document: ${name}: text without pictures: a case needs one; read it with \`lesionloop label ${name}\`, or give a .jsonl or .csv whose rows name an image`,
  )
}

function describe(path: string, error: unknown): { code: string; message: string } {
  if (error instanceof LesionloopError) return { code: error.code, message: error.message }
  const code = codeOf(error)
  if (code === 'ENOENT') return { code, message: `document: ${basename(path)}: no such file; check its path` }
  return { code, message: `document: ${basename(path)}: ${messageOf(error)}` }
}
