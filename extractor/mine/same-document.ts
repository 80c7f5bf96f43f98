import type { DocumentRecord } from '../../data/records/document.ts'
import type { KnownDocument, KnownDocuments } from './document-book.ts'
import { likeWords } from './like-words.ts'
import type { MinedPdf } from './mine-pdf.ts'

/** Titles of one paper agree in this share of their words, whatever the PDF lost of its own. */
const SAME_TITLE = 0.6

/**
 * The document that is there as a PDF where an article came, or as an article where a PDF came: the same DOI and
 * version, and a title alike. A supplement prints its paper's DOI too, but not its title.
 */
export function isSameArticle(record: DocumentRecord, all: KnownDocuments): KnownDocument | undefined {
  if (record.doi === undefined) return undefined
  for (const other of all.values()) {
    if (other.id !== record.id || other.text || other.format === record.format) continue
    const isPair = [other.format, record.format].every(format => format === 'pdf' || format === 'jats')
    if (isPair && likeWords(other.title ?? '', record.title ?? '') >= SAME_TITLE) return other
  }
  return undefined
}

/** What was learned of a document's source before stays, where the file itself does not say it. */
export function known(record: DocumentRecord, all: KnownDocuments): DocumentRecord {
  const before = all.get(record.file.sha256)
  if (!before) return record
  const { licence, licenceUrl, versionDate, server, publishedDoi, withdrawn, checkedAt, supersededBy } =
    before
  const kept = { licence, licenceUrl, versionDate, server, publishedDoi, withdrawn, checkedAt, supersededBy }
  const learned = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined))
  return { ...learned, ...record }
}

/** Figures that only the article had stay when its PDF comes. */
export function withEarlierFigures(
  record: DocumentRecord,
  before: DocumentRecord,
  wholes: MinedPdf['wholes'],
): DocumentRecord {
  const labels = new Set(record.figures.map(({ label }) => label))
  const more = before.format === 'jats' ? before.figures.filter(({ label }) => !labels.has(label)) : []
  for (const { label, images, panels } of more) {
    const [only, ...others] = images
    if (only && others.length === 0 && panels.length > 1) wholes.set(label, { id: only.id, file: only.file })
  }
  return { ...record, figures: [...record.figures, ...more.filter(({ images }) => images.length > 0)] }
}
