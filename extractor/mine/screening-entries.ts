import { basename, dirname } from 'node:path'
import type { DocumentRecord } from '../../data/records/document.ts'
import type { ScreeningEntry } from '../../data/records/screening.ts'
import { documentId } from '../../data/workspace/documents.ts'
import { detailsBeside } from '../fetch/details.ts'
import type { KnownDocument } from './document-book.ts'

/** What mining says of a document in the screening log. */
export type Entry = Omit<ScreeningEntry, 'at'>

export function entryOfDocument(record: DocumentRecord, cases: number): Entry {
  const { title, withdrawn, figures } = record
  return {
    document: record.id,
    ...(title ? { title } : {}),
    source: record.server ?? 'files',
    outcome: cases > 0 ? 'mined' : withdrawn ? 'withdrawn' : 'no-case',
    reason:
      cases > 0
        ? `${cases} cases of ${figures.length} figures`
        : (withdrawn?.reason ?? `none of its ${figures.length} figures shows a CT`),
    cases,
  }
}

/** Of a file that was fetched, its DOI and version are known, whatever is wrong with it. */
async function fetchedAs(path: string): Promise<{ document?: string; source: string }> {
  const details = await detailsBeside(dirname(path)).catch(() => undefined)
  return details
    ? { document: documentId({ ...details, bytes: new Uint8Array() }), source: details.server }
    : { source: 'files' }
}

export async function entryOfRejected(path: string, reason: string): Promise<Entry> {
  const { document = basename(path), source } = await fetchedAs(path)
  return { document, source, outcome: 'rejected', reason }
}

/** Of a file whose bytes are there already; nothing where it is that same file again. */
export async function entryOfDouble(path: string, before: KnownDocument): Promise<Entry | undefined> {
  const { document, source } = await fetchedAs(path)
  const isItself = document
    ? document === before.id
    : [before.file.name, before.text?.name].includes(basename(path))
  if (isItself) return undefined
  return {
    document: document ?? basename(path),
    source,
    outcome: 'duplicate',
    reason: `the same bytes as ${before.file.name} (${before.id})`,
  }
}

export const entryOfSlices = (path: string, taken: number): Entry => ({
  document: `${basename(dirname(path))} (${taken} DICOM slices)`,
  source: 'files',
  outcome: 'mined',
  reason: `${taken} slices without a caption`,
  cases: taken,
})

export const entryOfTable = (path: string, taken: number, leftOut: number): Entry => ({
  document: basename(path),
  source: 'files',
  outcome: taken > 0 ? 'mined' : 'no-case',
  reason: `${taken} rows taken, ${leftOut} left out`,
  cases: taken,
})
