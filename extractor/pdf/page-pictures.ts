import { dirname, join } from 'node:path'
import { codeOf, LesionloopError, messageOf } from '../../data/errors.ts'
import { poolLimits } from '../../data/pool/limits.ts'
import { openPool } from '../../data/pool/pool.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { readDocument } from '../../data/workspace/documents.ts'
import { writeFileAtomically } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { pagePicture, pagePictures } from '../../data/workspace/page-pictures.ts'
import { task } from './page-task.ts'

const ADVICE = 'open the source file instead'
/** Where the file can't be opened, none of its pages can be drawn. */
const OF_THE_FILE = new Set([
  'ENOENT',
  'pdf-empty',
  'pdf-not-a-pdf',
  'pdf-truncated',
  'pdf-encrypted',
  'pdf-damaged',
  'pdf-too-long',
])

/**
 * Draws the pages that a document's figures stand on, at PAGE_DPI, into its folder, each in a worker with limits. Those
 * that are there stay. A page that can't be drawn, or breaks a limit, is reported and left out. Needs no lock: a picture is written whole or not at all, and always the same.
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
  const path = join(workspace.paths.document(id), stored)
  await workspace.shared?.fetch(path)
  const limits = poolLimits({ workers: 1 })
  const pool = openPool(task, { ...limits, ...(signal ? { signal } : {}), advice: ADVICE })
  try {
    for (const [done, { page }] of open.entries()) {
      signal?.throwIfAborted()
      onProgress?.({ step: 'drawing pages', done, total: open.length, detail: `${name}, page ${page}` })
      try {
        const picture = await pool.run({ path, name, page }, `${name}: page ${page}`)
        const file = pagePicture(workspace, document, page)
        await workspace.files.makeFolder(dirname(file))
        await writeFileAtomically(workspace.files, file, picture)
        drawn.push(page)
      } catch (error) {
        signal?.throwIfAborted()
        if (OF_THE_FILE.has(codeOf(error))) throw error
        const message = codeOf(error).startsWith('file-')
          ? messageOf(error)
          : `pdf: ${name}: page ${page}: can't be drawn (${messageOf(error)}); ${ADVICE}`
        onProgress?.({
          step: 'drawing pages',
          done,
          total: open.length,
          problem: { item: `page ${page}`, code: codeOf(error), message },
        })
      }
    }
  } finally {
    pool.close()
  }
  onProgress?.({ step: 'drawing pages', done: open.length, total: open.length })
  return drawn
}
