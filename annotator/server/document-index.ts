import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../data/errors.ts'
import type { DocumentRecord } from '../../data/records/document.ts'
import { readJsonIfThere } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { fileStamp } from './file-stamp.ts'
import type { DocumentRow } from './replies.ts'
import { warnOnce } from './warnings.ts'

export type DocumentSummary = Omit<DocumentRow, 'cases' | 'labelled'>

interface Kept {
  stamp: string
  row: DocumentSummary
}

/**
 * Summaries of the documents. A record is read again only where its file changed, so that a list of thousands costs a
 * look at each file and no more.
 */
export class DocumentIndex {
  private readonly workspace: Workspace
  private readonly byFolder = new Map<string, Kept>()
  private listed: { key: string; rows: readonly DocumentSummary[] } | null = null
  private readonly byId = new Map<string, DocumentSummary>()

  constructor(workspace: Workspace) {
    this.workspace = workspace
  }

  /** All documents, the newest mined first; kept until documents or cases are written. */
  async list(): Promise<readonly DocumentSummary[]> {
    const key = await this.key()
    if (this.listed?.key === key) return this.listed.rows
    const rows = await this.readAll()
    this.listed = { key, rows }
    return rows
  }

  /** A job has ended, which may have written a record anew. */
  forget(): void {
    this.listed = null
  }

  /** Whoever mines adds a folder, or writes the cases. */
  private async key(): Promise<string> {
    const { documents, cases } = this.workspace.paths
    return (await Promise.all([fileStamp(documents), fileStamp(cases)])).join(' / ')
  }

  private async readAll(): Promise<DocumentSummary[]> {
    const folders = await readdir(this.workspace.paths.documents).catch(() => [] as string[])
    const rows: DocumentSummary[] = []
    for (const folder of folders) {
      const row = await this.look(folder)
      if (row) rows.push(row)
    }
    return rows.sort((a, b) =>
      a.minedAt < b.minedAt ? 1 : a.minedAt > b.minedAt ? -1 : a.id < b.id ? -1 : 1,
    )
  }

  /** One document's summary; what was read once is not looked at again. */
  async row(id: string): Promise<DocumentSummary | null> {
    const known = this.byId.get(id)
    if (known) return known
    const record = await this.record(id)
    if (!record) return null
    const row = summary(record)
    this.byId.set(id, row)
    return row
  }

  async record(id: string): Promise<DocumentRecord | null> {
    return (await readJsonIfThere<DocumentRecord>(this.workspace.paths.documentFile(id))) ?? null
  }

  private async look(folder: string): Promise<DocumentSummary | null> {
    const path = join(this.workspace.paths.documents, folder, 'document.json')
    const stamp = await fileStamp(path)
    if (stamp === null) return null
    const kept = this.byFolder.get(folder)
    if (kept?.stamp === stamp) return kept.row
    const record = await readJsonIfThere<DocumentRecord>(path).catch(error => {
      warnOnce(`document: ${messageOf(error)}`)
    })
    if (!record) return null
    const row = summary(record)
    this.byFolder.set(folder, { stamp, row })
    this.byId.set(row.id, row)
    return row
  }
}

function summary(record: DocumentRecord): DocumentSummary {
  return {
    id: record.id,
    title: record.title ?? null,
    doi: record.doi ?? null,
    date: record.date ?? null,
    licence: record.licence ?? null,
    format: record.format,
    file: record.file.name,
    pages: record.pages,
    figures: record.figures.length,
    skippedPages: record.skipped.length,
    minedAt: record.minedAt,
  }
}
