import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DocumentRecord } from '../records/document.ts'
import type { Workspace } from './open.ts'

/**
 * Where the picture of a page lies: beside the document's record, under the hash of the file it was drawn from. Only a
 * cache: drawn when somebody asks for it (extractor/pdf/page-pictures.ts), and removed with no loss.
 */
export function pagePicture(
  workspace: Workspace,
  document: Pick<DocumentRecord, 'id' | 'file'>,
  page: number,
): string {
  return join(
    workspace.paths.document(document.id),
    'pages',
    `${document.file.sha256.slice(0, 8)}-${page}.webp`,
  )
}

/** Pages that a document's figures and captions stand on, in order, and whether each has its picture. */
export function pagePictures(
  workspace: Workspace,
  document: DocumentRecord,
): { page: number; isDrawn: boolean }[] {
  const pages = new Set(document.figures.flatMap(figure => [figure.page, figure.captionPage]))
  return [...pages]
    .filter(page => page >= 1 && page <= document.pages)
    .sort((a, b) => a - b)
    .map(page => ({ page, isDrawn: existsSync(pagePicture(workspace, document, page)) }))
}
