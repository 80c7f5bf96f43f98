import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { codeOf, LesionloopError, messageOf } from '../../data/errors.ts'
import type { DocumentRecord } from '../../data/records/document.ts'
import type { RunOptions } from '../../data/records/job.ts'
import type { ImageKind } from '../../data/records/vocabulary.ts'
import type { CaseStore } from '../../data/stores/store.ts'
import { documentId, listDocuments, reject, writeDocument } from '../../data/workspace/documents.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { packageVersion } from '../../data/workspace/package-root.ts'
import type { Miner } from '../text/miner.ts'
import { casesOf } from './cases-of.ts'
import { minePdf } from './mine-pdf.ts'

export interface MineOptions extends RunOptions {
  cases: Pick<CaseStore, 'put'>
  miner: Miner
  /** Kinds of pictures that become cases; CT alone where not given. */
  kinds?: readonly ImageKind[]
  /** Mines again what the same version has mined. */
  again?: boolean
}

export interface MineResult {
  mined: number
  /** Already mined by this version. */
  unchanged: number
  rejected: { file: string; code: string; message: string }[]
  figures: number
  cases: number
  documents: string[]
}

/** Changes where the extractor finds other things than before; part of what is written with every case. */
const REVISION = 1
export const minerVersion = () => `lesionloop ${packageVersion()} extractor ${REVISION}`

/** What is taken from folders; a file named outright is tried whatever its name. */
const MINED = new Set(['.pdf', '.jsonl', '.ndjson', '.csv', '.tsv', '.txt'])
const TABLES: Record<string, string> = { '.jsonl': 'jsonl', '.ndjson': 'jsonl', '.csv': 'csv', '.tsv': 'csv' }

/**
 * Mines documents into the workspace: each one's record, pictures and cases. Folders are walked. What the same miner
 * has mined is passed over, so that a stopped run goes on where it stopped; mining again replaces a document's cases
 * and keeps their ids. A file that can't be used is put on record in rejected/ and reported; the rest goes through.
 * Needs the `documents` and `cases` locks.
 */
export async function mineDocuments(
  workspace: Workspace,
  paths: string[],
  options: MineOptions,
): Promise<MineResult> {
  const version = minerVersion()
  const result: MineResult = { mined: 0, unchanged: 0, rejected: [], figures: 0, cases: 0, documents: [] }
  const files = await filesOf(paths)
  const known = new Map<string, DocumentRecord>()
  for await (const record of listDocuments(workspace)) known.set(record.file.sha256, record)
  for (const [done, path] of files.entries()) {
    options.signal?.throwIfAborted()
    options.onProgress?.({ step: 'mining', done, total: files.length, detail: basename(path) })
    try {
      const table = TABLES[extname(path).toLowerCase()]
      if (table) {
        await mineRows(workspace, path, table, version, options, result)
        continue
      }
      const bytes = await readFile(path)
      refuseText(path, bytes)
      const before = known.get(createHash('sha256').update(bytes).digest('hex'))
      if (before?.miner.version === version && !options.again) {
        result.unchanged++
        result.documents.push(before.id)
        continue
      }
      const mined = await minePdf(workspace, bytes, path, options.miner, version, {
        ...(options.signal ? { signal: options.signal } : {}),
      })
      const record = { ...mined.record, id: before?.id ?? ownId(mined.record, known, bytes) }
      const { wholes } = mined
      const cases = casesOf(record, { kinds: options.kinds ?? ['ct'], wholes })
      await options.cases.put(record.id, cases)
      // Last: a document is there when its record is.
      known.set(record.file.sha256, await writeDocument(workspace, record, path))
      result.mined++
      result.figures += record.figures.length
      result.cases += cases.length
      result.documents.push(record.id)
      for (const { page, reason } of record.skipped)
        if (!/^no text on this page/.test(reason))
          options.onProgress?.({
            step: 'mining',
            done,
            total: files.length,
            detail: `${basename(path)}: page ${page}: ${reason}`,
          })
    } catch (error) {
      options.signal?.throwIfAborted()
      const { code, message } = describe(path, error)
      result.rejected.push({ file: basename(path), code, message })
      options.onProgress?.({
        step: 'mining',
        done,
        total: files.length,
        problem: { item: basename(path), code, message },
      })
      if (code !== 'ENOENT') await reject(workspace, { name: path, code, reason: message }, { path })
    }
  }
  options.onProgress?.({ step: 'mining', done: files.length, total: files.length })
  return result
}

/**
 * A supplement often prints its paper's DOI: a file of another name does not take the place of a document that is
 * there, but is one of its own, by its bytes. A new copy under the old name does.
 */
function ownId(record: DocumentRecord, known: Map<string, DocumentRecord>, bytes: Uint8Array): string {
  const taken = [...known.values()].some(
    ({ id, file }) =>
      id === record.id && file.sha256 !== record.file.sha256 && file.name !== record.file.name,
  )
  return taken ? documentId({ bytes }) : record.id
}

/** A table of pictures with captions, a row a case: each row's caption is mined; faulty rows are reported and left out. */
async function mineRows(
  workspace: Workspace,
  path: string,
  format: string,
  version: string,
  options: MineOptions,
  result: MineResult,
) {
  const { importFormat } = await import('../../data/formats/registry.ts')
  const { signal, onProgress } = options
  const taken = await importFormat(format).run(workspace, path, {
    cases: options.cases,
    mineText: texts => texts.map(text => options.miner.mine(text)),
    miner: version,
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
  })
  result.mined += taken.documents
  result.cases += taken.imported
  for (const { item, code, message } of taken.rejected) result.rejected.push({ file: item, code, message })
}

/** Captions without pictures make no case; what they say can be had as text. */
function refuseText(path: string, bytes: Uint8Array) {
  if (extname(path).toLowerCase() !== '.txt') return
  const name = basename(path)
  if (bytes.length === 0)
    throw new LesionloopError('text-empty', `document: ${name}: 0 bytes: expected text; fetch it again`)
  throw new LesionloopError(
    'text-without-picture',
    `document: ${name}: text without pictures: a case needs one; read it with \`lesionloop label ${name}\`, or give a .jsonl or .csv whose rows name an image`,
  )
}

/** Files named, and those of our formats in folders named, sorted, each once. */
async function filesOf(paths: string[]): Promise<string[]> {
  const files = new Set<string>()
  for (const path of paths) {
    const folder = await stat(path).then(
      found => found.isDirectory(),
      () => false,
    )
    if (!folder) files.add(path)
    else
      for (const entry of (await readdir(path, { recursive: true, withFileTypes: true })).sort((a, b) =>
        join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1,
      ))
        if (entry.isFile() && MINED.has(extname(entry.name).toLowerCase()))
          files.add(join(entry.parentPath, entry.name))
  }
  return [...files]
}

function describe(path: string, error: unknown): { code: string; message: string } {
  if (error instanceof LesionloopError) return { code: error.code, message: error.message }
  const code = codeOf(error)
  if (code === 'ENOENT') return { code, message: `document: ${basename(path)}: no such file; check its path` }
  return { code, message: `document: ${basename(path)}: ${messageOf(error)}` }
}
