import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { DocumentRecord } from '../../data/records/document.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { documentId } from '../../data/workspace/documents.ts'
import { readFigures } from '../figures/read-figures.ts'
import { withPdf } from '../pdf/document.ts'
import type { Miner } from '../text/miner.ts'
import { frontMatter } from './front-matter.ts'
import { type MinedPicture, pictureKeeper } from './picture-keeper.ts'

export interface MinedPdf {
  record: DocumentRecord
  wholes: Map<string, { id: string; file: string }>
  /** Each picture once; without those that are there already. */
  pictures: MinedPicture[]
}

export interface MinePdfOptions extends RunOptions {
  miner: Miner
  version: string
  /** Whether a picture lies in images/ already: encoding is what costs. */
  isThere?: (file: string) => boolean
}

/**
 * Everything one PDF holds. Writes nothing: record and pictures are the caller's to write.
 * @throws LesionloopError of extractor/pdf where it can't be read.
 */
export async function minePdf(
  bytes: Uint8Array,
  path: string,
  { miner, version, isThere, ...options }: MinePdfOptions,
): Promise<MinedPdf> {
  const name = basename(path)
  const { keep, pictures } = pictureKeeper(isThere)
  return await withPdf(bytes, name, async document => {
    const read = await readFigures(document, keep, { ...options, wholes: true })
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
    return { record, wholes: read.wholes, pictures: pictures() }
  })
}
