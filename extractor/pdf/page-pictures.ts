import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { codeOf, LesionloopError, messageOf } from '../../data/errors.ts'
import { PAGE_DPI } from '../../data/records/document.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { readDocument } from '../../data/workspace/documents.ts'
import { writeFileAtomically } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { pagePicture, pagePictures } from '../../data/workspace/page-pictures.ts'
import { withPdf } from './document.ts'

/** Small print stays readable at this; a page takes about 100 kB. */
const WEBP = { quality: 78, effort: 3 } as const
/** A poster of A0 has 16 million at PAGE_DPI. */
const MOST_PIXELS = 20_000_000

/**
 * Draws the pages that a document's figures stand on, at PAGE_DPI, into its folder. Those that are there stay. A page that
 * can't be drawn is reported and left out. Needs no lock: a picture is written whole or not at all, and always the same.
 * @returns the pages drawn now.
 * @throws LesionloopError `document-unknown`, `file-missing` where the workspace does not keep its PDF, and what opening
 *   a PDF throws.
 */
export async function drawPages(
  workspace: Workspace,
  id: string,
  { signal, onProgress }: RunOptions = {},
): Promise<number[]> {
  const document = await readDocument(workspace, id)
  if (!document)
    throw new LesionloopError(
      'document-unknown',
      `document: ${id}: not in this workspace; look into the list`,
    )
  const { stored, name } = document.file
  if (document.format !== 'pdf' || stored === undefined)
    throw new LesionloopError(
      'file-missing',
      `document: ${id}: no PDF of it is in the workspace; mine the PDF, then its pages can be shown`,
    )
  const open = pagePictures(workspace, document).filter(each => !each.isDrawn)
  if (open.length === 0) return []
  const drawn: number[] = []
  const bytes = await readFile(join(workspace.paths.document(id), stored))
  await withPdf(bytes, name, async pdf => {
    for (const [done, { page: number }] of open.entries()) {
      signal?.throwIfAborted()
      onProgress?.({ step: 'drawing pages', done, total: open.length, detail: `${name}, page ${number}` })
      try {
        const page = await pdf.page(number)
        const inches = [Math.round(page.width / 72), Math.round(page.height / 72)] as const
        if (inches[0] * inches[1] * PAGE_DPI ** 2 > MOST_PIXELS)
          throw new Error(`${inches[0]} × ${inches[1]} inches is larger than a poster`)
        const { data, width, height } = await page.render([0, 0, page.width, page.height], PAGE_DPI)
        page.release()
        const raw = { width, height, channels: 3 as const }
        const path = pagePicture(workspace, document, number)
        await workspace.files.makeFolder(dirname(path))
        await writeFileAtomically(workspace.files, path, await sharp(data, { raw }).webp(WEBP).toBuffer())
        drawn.push(number)
      } catch (error) {
        signal?.throwIfAborted()
        const message = `pdf: ${name}: page ${number}: can't be drawn (${messageOf(error)}); open the source file instead`
        onProgress?.({
          step: 'drawing pages',
          done,
          total: open.length,
          problem: { item: `page ${number}`, code: codeOf(error), message },
        })
      }
    }
  })
  onProgress?.({ step: 'drawing pages', done: open.length, total: open.length })
  return drawn
}
