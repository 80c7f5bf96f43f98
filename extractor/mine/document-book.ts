import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DocumentRecord } from '../../data/records/document.ts'
import { readDocument } from '../../data/workspace/documents.ts'
import { readJsonIfThere } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'

/** What is kept in mind of every document: a workspace may hold a hundred thousand. */
export type KnownDocument = Omit<DocumentRecord, 'figures' | 'skipped' | 'abstract'>

/** The documents that are there, by the hashes of their files. */
export type KnownDocuments = ReadonlyMap<string, KnownDocument>

/** Keeps in mind which documents are there. Records are read once, and again where somebody else wrote them. */
export class DocumentBook {
  readonly #workspace: Workspace
  readonly #known = new Map<string, KnownDocument>()
  /** When each record's file was written, by its folder's name. */
  readonly #stamps = new Map<string, number>()

  constructor(workspace: Workspace) {
    this.#workspace = workspace
  }

  get known(): KnownDocuments {
    return this.#known
  }

  /** Reads the records that are new or were written since, by their files' times. */
  async readFolder(): Promise<void> {
    const { documents } = this.#workspace.paths
    if (!existsSync(documents)) return
    for (const name of (await readdir(documents)).sort()) {
      const path = join(documents, name, 'document.json')
      const written = await stat(path).catch(() => undefined)
      // A folder without a record is a stopped run's.
      if (!written || this.#stamps.get(name) === written.mtimeMs) continue
      const record = await readJsonIfThere<DocumentRecord>(path)
      if (!record) continue
      this.take(record)
      this.#stamps.set(name, written.mtimeMs)
    }
  }

  /** Reads records that others wrote. */
  async readAgain(documents: readonly string[]): Promise<void> {
    for (const id of documents) {
      const record = await readDocument(this.#workspace, id)
      if (record) this.take(record)
    }
  }

  /** A record that stands in the folder now. */
  take(record: DocumentRecord): void {
    const { figures: _figures, skipped: _skipped, abstract: _abstract, ...known } = record
    for (const hash of [record.text?.sha256, record.file.sha256]) if (hash) this.#known.set(hash, known)
  }
}
