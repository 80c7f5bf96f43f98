import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { DocumentRecord } from '../records/document.ts'
import { appendDurably, readJson, readJsonIfThere, writeJson } from './files.ts'
import type { Workspace } from './open.ts'

/**
 * Identity of a document: its DOI and version ("10.1101/2020.05.11.20097907v2"), else "sha256-" and the first 32 hex
 * digits of its bytes. DOIs are compared without case and without the resolver's address.
 */
export function documentId(of: { doi?: string; version?: number; bytes: Uint8Array }): string {
  if (!of.doi) return `sha256-${createHash('sha256').update(of.bytes).digest('hex').slice(0, 32)}`
  const doi = of.doi
    .trim()
    .replace(/^(https?:\/\/(dx\.)?doi\.org\/|doi:\s*)/i, '')
    .toLowerCase()
  return of.version !== undefined && !/v\d+$/.test(doi) ? `${doi}v${of.version}` : doi
}

/**
 * Writes documents/<id>/document.json, and keeps a copy of the source (and of the article's XML) beside it where its
 * path is given. The record is written last: a document is there when its record is. Needs the `documents` lock.
 */
export async function writeDocument(
  workspace: Workspace,
  record: DocumentRecord,
  sourcePath?: string,
  articlePath?: string,
): Promise<DocumentRecord> {
  const folder = workspace.paths.document(record.id)
  await workspace.files.makeFolder(folder)
  let written = record
  const keep = async (path: string, name: string) => {
    const extension = extname(path).toLowerCase()
    const stored = `${name}${/^\.[a-z0-9]{1,8}$/.test(extension) ? extension : ''}`
    // Mined again from the copy itself.
    if (join(folder, stored) === path) return stored
    const temporary = join(folder, `.${stored}.tmp`)
    await workspace.files.copy(path, temporary)
    await workspace.files.rename(temporary, join(folder, stored))
    return stored
  }
  if (sourcePath !== undefined)
    written = { ...written, file: { ...record.file, stored: await keep(sourcePath, 'source') } }
  if (articlePath !== undefined && record.text)
    written = { ...written, text: { ...record.text, stored: await keep(articlePath, 'article') } }
  await writeJson(workspace.files, workspace.paths.documentFile(record.id), written)
  return written
}

/** A document's record; undefined where there is none. */
export function readDocument(workspace: Workspace, id: string): Promise<DocumentRecord | undefined> {
  return readJsonIfThere<DocumentRecord>(workspace.paths.documentFile(id))
}

/** All documents, by the name of their folder. A folder without a record (a stopped run's) is passed over. */
export async function* listDocuments(workspace: Workspace): AsyncGenerator<DocumentRecord> {
  if (!existsSync(workspace.paths.documents)) return
  for (const name of (await readdir(workspace.paths.documents)).sort()) {
    const path = join(workspace.paths.documents, name, 'document.json')
    if (existsSync(path)) yield await readJson<DocumentRecord>(path)
  }
}

/** Something that came in and could not be used; a line of rejected/rejected.jsonl. */
export interface Rejection {
  at: string
  /** The file's name as it came in. */
  name: string
  /** Row, page or image within it, where only a part was rejected ("line 12"). */
  item?: string
  code: string
  reason: string
  /** Copy under rejected/, where it was kept. */
  kept?: string
  /** Which piece of a job rejected it, where workers did it. */
  piece?: string
  /** The rejected row itself, where it is small. */
  row?: unknown
}

/** Puts on record what could not be used; `keep` copies the file into rejected/ too. */
export async function reject(
  workspace: Workspace,
  rejection: Omit<Rejection, 'at' | 'kept'>,
  keep?: { path: string },
): Promise<Rejection> {
  const written: Rejection = { at: new Date().toISOString(), ...rejection, name: basename(rejection.name) }
  await workspace.files.makeFolder(workspace.paths.rejected)
  if (keep) {
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(keep.path)) hash.update(chunk as Buffer)
    const extension = extname(keep.path).toLowerCase()
    const kept = `${hash.digest('hex').slice(0, 16)}${/^\.[a-z0-9]{1,8}$/.test(extension) ? extension : ''}`
    await workspace.files.copy(keep.path, join(workspace.paths.rejected, kept))
    written.kept = kept
  }
  await appendDurably(workspace.files, workspace.paths.rejectedList, `${JSON.stringify(written)}\n`)
  return written
}

/** What was rejected so far, oldest first; a torn last line is passed over. */
export async function listRejected(workspace: Workspace): Promise<Rejection[]> {
  if (!existsSync(workspace.paths.rejectedList)) return []
  const found: Rejection[] = []
  const lines = createInterface({
    input: createReadStream(workspace.paths.rejectedList),
    crlfDelay: Infinity,
  })
  for await (const line of lines) {
    try {
      found.push(JSON.parse(line) as Rejection)
    } catch {
      // Only a list for people: a torn line says nothing about the others.
    }
  }
  return found
}
