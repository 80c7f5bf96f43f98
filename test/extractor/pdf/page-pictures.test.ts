import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { corpusFolder, readCorpusTruth } from '../../../data/demo/truth.ts'
import type { DocumentRecord } from '../../../data/records/document.ts'
import type { Progress } from '../../../data/records/job.ts'
import { writeDocument } from '../../../data/workspace/documents.ts'
import { openWorkspace, type Workspace } from '../../../data/workspace/open.ts'
import { pagePicture } from '../../../data/workspace/page-pictures.ts'
import { drawPages } from '../../../extractor/pdf/page-pictures.ts'
import { temporaryFolder } from '../../data/stores/sample.ts'

const { file, pages, figures } = readCorpusTruth().documents[0]!

/** A document of the demo corpus whose record says that its figures stand on these pages. */
async function documentOn(...on: number[]): Promise<{ workspace: Workspace; document: DocumentRecord }> {
  const workspace = await openWorkspace(join(await temporaryFolder(), 'w'), { create: true })
  const { label, caption, captionRegion, region } = figures[0]!
  const document = await writeDocument(
    workspace,
    {
      id: 'sha256-0',
      format: 'pdf',
      file: { name: file, sha256: 'a'.repeat(64), bytes: 1 },
      pages: pages + 10,
      figures: on.map(page => ({
        page,
        captionPage: page,
        label,
        caption,
        captionRegion,
        region,
        images: [],
        panels: [],
      })),
      skipped: [],
      miner: { version: 'test' },
      minedAt: '2026-11-20T09:00:00.000Z',
    },
    join(corpusFolder(), file),
  )
  return { workspace, document }
}

describe('the pages of a document', () => {
  it('are drawn once each; one that is not there is told and costs no other', async () => {
    const { workspace, document } = await documentOn(1, pages + 1, 2)
    const problems: Progress['problem'][] = []
    const onProgress = ({ problem }: Progress) => void (problem && problems.push(problem))
    expect(await drawPages(workspace, document.id, { onProgress })).toEqual([1, 2])
    expect(problems).toEqual([
      expect.objectContaining({
        item: `page ${pages + 1}`,
        message: expect.stringMatching(/can't be drawn .*; open the source file instead$/),
      }),
    ])
    const picture = await sharp(await readFile(pagePicture(workspace, document, 2))).metadata()
    expect(picture.format).toBe('webp')
    expect(picture.width).toBeGreaterThan(500)
    expect(await drawPages(workspace, document.id)).toEqual([])
  })

  it('are refused as a whole where their file is damaged', async () => {
    const { workspace, document } = await documentOn(1, 2)
    const stored = join(workspace.paths.document(document.id), document.file.stored!)
    await writeFile(stored, (await readFile(stored)).subarray(0, 3000))
    await expect(drawPages(workspace, document.id)).rejects.toMatchObject({ code: 'pdf-truncated' })
  })
})
