import { basename, dirname, join } from 'node:path'
import type { DocumentRecord } from '../../data/records/document.ts'
import { documentId, readDocument } from '../../data/workspace/documents.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { detailsBeside, factsOf } from '../fetch/details.ts'
import type { KnownDocuments } from './document-book.ts'
import type { InputUnit } from './input-units.ts'
import type { MinedPdf } from './mine-pdf.ts'
import { isSameArticle, known, withEarlierFigures } from './same-document.ts'

interface Joining {
  workspace: Workspace
  /** Documents that are there, by the hash of their file. */
  known: KnownDocuments
  mine: (unit: InputUnit) => Promise<MinedPdf>
  say: (more: { detail: string }) => void
}

export interface JoinedDocument extends MinedPdf {
  /** Files to be kept beside the record. */
  source: string
  article?: string
  /** Set where it takes the place of the document that it was joined with. */
  isJoined?: true
}

/**
 * The document with what is known of it besides: what its server said, and the other of PDF and article where the same
 * version came as both, one after the other.
 */
export async function joinedDocument(
  unit: InputUnit,
  mined: MinedPdf,
  { workspace, known: all, mine, say }: Joining,
): Promise<JoinedDocument> {
  const details = await detailsBeside(dirname(unit.path))
  const facts = details ? factsOf(details) : {}
  const id = details && documentId({ ...details, bytes: new Uint8Array() })
  const apply = (record: DocumentRecord) => known({ ...record, ...facts, ...(id ? { id } : {}) }, all)
  const record = apply(mined.record)
  const other = isSameArticle(record, all)
  if (!other?.file.stored || unit.article !== undefined)
    return { ...mined, record, source: unit.path, ...(unit.article ? { article: unit.article } : {}) }
  const stored = join(workspace.paths.document(other.id), other.file.stored)
  await workspace.shared?.fetch(stored)
  const [source, article] = unit.kind === 'pdf' ? [unit.path, stored] : [stored, unit.path]
  const both = await mine({ path: source, kind: 'pdf', article })
  const name = other.format === 'pdf' ? other.file.name : record.file.name
  const before = await readDocument(workspace, other.id)
  const merged = before ? withEarlierFigures(apply(both.record), before, both.wholes) : apply(both.record)
  say({
    detail: `${basename(unit.path)}: the same document as ${other.file.name}: one document, its words from the article's XML`,
  })
  return { ...both, record: { ...merged, file: { ...merged.file, name } }, source, article, isJoined: true }
}

/**
 * A supplement often prints its paper's DOI: a file of another name does not take the place of a document that is
 * there, but is one of its own, by its bytes. A new copy under the old name does.
 */
export function ownId({ id, file }: DocumentRecord, all: KnownDocuments): string {
  const taken = [...all.values()].some(
    other => other.id === id && other.file.sha256 !== file.sha256 && other.file.name !== file.name,
  )
  return taken ? bytesId(file.sha256) : id
}

/** The id of a document without a DOI, as data/workspace/documents.ts makes it of the bytes. */
const bytesId = (sha256: string) => `sha256-${sha256.slice(0, 32)}`
