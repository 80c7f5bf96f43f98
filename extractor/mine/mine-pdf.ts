import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import type { DocumentRecord } from '../../data/records/document.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { documentId } from '../../data/workspace/documents.ts'
import { encodePng, imageId, type Pixels, storeImage } from '../../data/workspace/images.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { readFigures } from '../figures/read-figures.ts'
import { withPdf } from '../pdf/document.ts'
import type { Miner } from '../text/miner.ts'
import { frontMatter } from './front-matter.ts'

export interface MinedPdf {
  record: DocumentRecord
  wholes: Map<string, { id: string; file: string }>
}

/**
 * Everything one PDF holds: its pictures are put into the workspace's images/, the rest is given back and written by
 * the caller. @throws LesionloopError of extractor/pdf where it can't be read.
 */
export async function minePdf(
  workspace: Workspace,
  bytes: Uint8Array,
  path: string,
  miner: Miner,
  version: string,
  options: RunOptions = {},
): Promise<MinedPdf> {
  const name = basename(path)
  return await withPdf(bytes, name, async document => {
    const read = await readFigures(document, (pixels, what) => keep(workspace, pixels, `${name} ${what}`), {
      ...options,
      wholes: true,
    })
    const front = frontMatter(read.text, document.info)
    const context = [front.title, front.abstract].filter(Boolean).join('\n')
    const figures = read.figures.map(figure => ({ ...figure, text: miner.mine(figure.caption, context) }))
    const record: DocumentRecord = {
      id: documentId({ ...front, bytes }),
      format: 'pdf',
      file: { name, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length },
      ...front,
      pages: read.pages,
      figures,
      skipped: read.skipped,
      miner: { version },
      minedAt: new Date().toISOString(),
    }
    return { record, wholes: read.wholes }
  })
}

async function keep(
  workspace: Workspace,
  pixels: Pixels,
  name: string,
): Promise<{ id: string; file: string }> {
  const id = imageId(pixels)
  // Encoding is what costs: a picture that is there needs none.
  if (existsSync(workspace.paths.image(`${id}.png`))) return { id, file: `${id}.png` }
  const stored = await storeImage(workspace, await encodePng(pixels), { originalName: name })
  return { id: stored.id, file: stored.file }
}
