import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { createInterface } from 'node:readline'
import { codeOf, LesionloopError, messageOf } from '../../data/errors.ts'
import { isRefusal } from '../../data/jobs/refusal.ts'
import type { Pool } from '../../data/pool/pool.ts'
import type { RunOptions } from '../../data/records/job.ts'
import type { ImageKind } from '../../data/records/vocabulary.ts'
import type { CaseStore } from '../../data/stores/store.ts'
import { readDocument, reject, writeDocument } from '../../data/workspace/documents.ts'
import { writeFilesAtomically } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { packageVersion } from '../../data/workspace/package-root.ts'
import { screened } from '../../data/workspace/screening.ts'
import type { Miner } from '../text/miner.ts'
import { casesOf } from './cases-of.ts'
import type { DocumentBook, KnownDocument, KnownDocuments } from './document-book.ts'
import type { InputUnit } from './input-units.ts'
import { joinedDocument, ownId } from './joined-document.ts'
import { mineText, sliceCases } from './loose-cases.ts'
import type { MinedPdf } from './mine-pdf.ts'
import type { PdfToMine } from './pdf-task.ts'
import {
  type Entry,
  entryOfDocument,
  entryOfDouble,
  entryOfRejected,
  entryOfSlices,
  entryOfTable,
} from './screening-entries.ts'

/** What mining a document needs, whoever hands the documents out. */
export interface RunOfMining extends RunOptions {
  cases: Pick<CaseStore, 'put' | 'mined'>
  /** Reads the captions of tables; those of PDFs are read by the workers, with the package's own lexicon. */
  miner: Miner
  /** Kinds of pictures that become cases; CT alone where not given. */
  kinds?: readonly ImageKind[]
  /** Mines again what the same version has mined. */
  again?: boolean
  pool: Pool<PdfToMine, MinedPdf>
  /** Documents that are there. */
  book: DocumentBook
  /** Units by their paths. */
  units: ReadonlyMap<string, InputUnit>
  /** Where a worker does it: which piece of which job. */
  attempt?: Attempt
  /** Does what writes while nobody else writes documents; by the time of the work the book knows what others wrote. */
  alone?: <T>(work: () => Promise<T>) => Promise<T>
}

/** A piece of a job, which may have been begun before by somebody who died of it or with it. */
export interface Attempt {
  /** Stands with every entry that it makes, so that none is made twice. */
  mark: string
  /** Whether somebody tried before. */
  isAgain: boolean
  /** When the job was put in: what was mined since is its own work. */
  since: string
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
/** A file as its worker leaves it: to be written, or there already. */
type TakenDocument = { unit: InputUnit; sha256: string; mined?: MinedPdf; before?: KnownDocument }
type Taken = { table: string } | { slices: string[] } | TakenDocument
type Outcome = Pick<MineResult, 'rejected' | 'documents'>

export type Say = (more: {
  detail?: string
  problem?: { item: string; code: string; message: string }
}) => void

/** One run over many files: what the workers give is written here, file by file. */
export class MineRun {
  readonly #workspace: Workspace
  readonly #options: RunOfMining
  readonly #version = minerVersion()
  /** Files of this run by their hash: a copy under another name is not mined twice. */
  readonly #begun = new Set<string>()
  readonly #written = new Set<string>()
  /** Ids of the documents that it wrote. */
  readonly written: string[] = []
  readonly #outcomes = new Map<string, Outcome>()
  readonly #counts = { mined: 0, unchanged: 0, figures: 0, cases: 0 }
  /** Files are hashed one after another, so that of two copies the first in order is the one mined. */
  #hashing: Promise<unknown> = Promise.resolve()

  constructor(workspace: Workspace, options: RunOfMining) {
    this.#workspace = workspace
    this.#options = options
  }

  get #known(): KnownDocuments {
    return this.#options.book.known
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#options.alone ? this.#options.alone(work) : work()
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
    const unit = this.#options.units.get(path)!
    if (unit.kind === 'table') return { table: TABLES[extname(path).toLowerCase()]! }
    if (unit.slices) return { slices: unit.slices }
    if (unit.kind === 'text') return await this.#text(unit)
    const hashed = this.#hashing.then(() => this.#hashOf(unit))
    this.#hashing = hashed.catch(() => undefined)
    const { sha256, open } = await hashed
    if (!open) return { unit, sha256 }
    const before = this.#known.get(sha256)
    return { unit, sha256, mined: await this.#mine(unit), ...(before ? { before } : {}) }
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
      const { value } = taken
      // Long, and no document's record is written: others need not wait.
      if ('table' in value) await this.#rows(path, value.table, outcome)
      else if ('slices' in value) await this.#alone(() => this.#slices(path, value.slices, outcome, say))
      else await this.#alone(() => this.#document(path, value, outcome, say))
    } catch (error) {
      this.#options.signal?.throwIfAborted()
      const { code, message } = describe(path, error)
      // Where somebody counts the tries, what may pass is tried again.
      if (this.#options.attempt && code !== 'ENOENT' && !isRefusal(error)) throw error
      await this.#alone(() => this.#reject(path, code, message, outcome, say))
    }
  }

  /** Puts a file on record that failed each time it was tried. */
  async putAside(path: string, error: { code: string; message: string }, say: Say): Promise<void> {
    const outcome: Outcome = { rejected: [], documents: [] }
    this.#outcomes.set(path, outcome)
    const message = `document: ${basename(path)}: put aside, since it failed each time it was tried: ${error.message}; mine it by hand to see more`
    await this.#alone(() => this.#reject(path, error.code, message, outcome, say))
  }

  async #reject(path: string, code: string, message: string, outcome: Outcome, say: Say): Promise<void> {
    outcome.rejected.push({ file: basename(path), code, message })
    say({ problem: { item: basename(path), code, message } })
    if (code === 'ENOENT') return
    const { rejectedList } = this.#workspace.paths
    if (!(await this.#isMarked(rejectedList, path)))
      await reject(
        this.#workspace,
        { name: path, code, reason: message, ...this.#mark(path) },
        existsSync(path) ? { path } : undefined,
      )
    await this.#screened(path, await entryOfRejected(path, message))
  }

  /** Says once of a file why it is in or out. */
  async #screened(path: string, entry: Entry | undefined): Promise<void> {
    if (!entry || (await this.#isMarked(this.#workspace.paths.screening, path))) return
    await screened(this.#workspace, [{ ...entry, ...this.#mark(path) }])
  }

  #mark(path: string): { piece?: string } {
    const { attempt } = this.#options
    return attempt ? { piece: `${attempt.mark} ${basename(path)}` } : {}
  }

  /** Whether whoever tried this piece before came as far as this line. */
  async #isMarked(list: string, path: string): Promise<boolean> {
    const { piece } = this.#mark(path)
    return (
      piece !== undefined &&
      this.#options.attempt!.isAgain &&
      (await hasLineWith(list, JSON.stringify(piece)))
    )
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
    return this.#options.pool.run({ path, ...of, version, images }, basename(path))
  }

  async #text(unit: InputUnit): Promise<TakenDocument> {
    const { images } = this.#workspace.paths
    const mined = await mineText(unit.path, { miner: this.#options.miner, version: this.#version, images })
    const { sha256 } = mined.record.file
    const before = this.#known.get(sha256)
    const isDone = before?.miner.version === this.#version && !this.#options.again
    return isDone ? { unit, sha256 } : { unit, sha256, mined, ...(before ? { before } : {}) }
  }

  async #document(path: string, taken: TakenDocument, outcome: Outcome, say: Say) {
    const { unit, sha256 } = taken
    const before = this.#known.get(sha256)
    const isThere = before?.miner.version === this.#version
    // A copy that another worker wrote while this one was being read.
    const mined = isThere && before !== taken.before ? undefined : taken.mined
    if (before && !mined && (this.#written.has(sha256) || isThere)) {
      this.#counts.unchanged++
      outcome.documents.push(before.id)
      await this.#screened(path, (await this.#unsaid(path, before)) ?? (await entryOfDouble(path, before)))
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
    await writeFilesAtomically(
      files,
      pictures.map(({ file, bytes }) => ({ path: paths.image(file), content: bytes })),
    )
    await this.#options.cases.put(record.id, cases)
    // Last: a document is there when its record is.
    const written = await writeDocument(this.#workspace, record, source, article)
    this.#options.book.take(written)
    this.written.push(written.id)
    for (const hash of [sha256, written.file.sha256, written.text?.sha256]) if (hash) this.#written.add(hash)
    this.#counts.mined++
    this.#counts.figures += record.figures.length
    this.#counts.cases += cases.length
    outcome.documents.push(record.id)
    await this.#screened(path, entryOfDocument(record, cases.length))
    for (const { page, reason } of record.skipped)
      if (!/^no text on this page/.test(reason))
        say({ detail: `${basename(path)}: ${page > 0 ? `page ${page}: ` : ''}${reason}` })
  }

  /** What whoever wrote this document for the same piece, and died then, had no time to say of it. */
  async #unsaid(path: string, { id, file, minedAt }: KnownDocument): Promise<Entry | undefined> {
    const { attempt, kinds = ['ct'] } = this.#options
    if (!attempt?.isAgain || minedAt < attempt.since || file.name !== basename(path)) return undefined
    const record = await readDocument(this.#workspace, id)
    return record && entryOfDocument(record, casesOf(record, { kinds, wholes: new Map() }).length)
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
    await this.#screened(path, entryOfSlices(path, taken))
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
    const entry = entryOfTable(path, taken.imported, taken.rejected.length)
    await this.#alone(() => this.#screened(path, entry))
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

async function hasLineWith(path: string, text: string): Promise<boolean> {
  if (!existsSync(path)) return false
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })
  for await (const line of lines) if (line.includes(text)) return true
  return false
}
