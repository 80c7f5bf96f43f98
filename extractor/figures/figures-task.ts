import { readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { Task } from '../../data/pool/task.ts'
import type { MinedFigures } from '../../data/records/document.ts'

export interface PdfToRead {
  path: string
  /** Folder the pictures are meant for; without it they are not encoded. */
  out?: string
}

export interface PdfFigures {
  mined: MinedFigures
  /** To be written by the caller. */
  pictures: { file: string; bytes: Uint8Array }[]
}

const load = async () => {
  const [{ withPdf }, { readFigures }, { encodePng, imageId }] = await Promise.all([
    import('../pdf/document.ts'),
    import('./read-figures.ts'),
    import('../../data/workspace/images.ts'),
  ])
  return { withPdf, readFigures, encodePng, imageId }
}

/** The figures of one PDF and their pictures; writes nothing. */
export const task: Task<PdfToRead, PdfFigures> = {
  module: import.meta.url,
  noun: 'pdf',
  prepare: async () => void (await load()),
  run: async ({ path, out }, options) => {
    const { withPdf, readFigures, encodePng, imageId } = await load()
    const pictures: PdfFigures['pictures'] = []
    const stem = basename(path, extname(path))
    const bytes = await readFile(path)
    const { pages, figures, skipped } = await withPdf(bytes, basename(path), document =>
      readFigures(
        document,
        async (pixels, name, jpeg) => {
          const id = imageId(pixels)
          // Where the picture is one JPEG its own bytes are kept.
          const ending = jpeg ? 'jpg' : 'png'
          if (out === undefined) return { id, file: `${id}.${ending}` }
          const file = join(out, `${stem} ${name}.${ending}`.replace(/[^\w.-]+/g, '-'))
          pictures.push({ file, bytes: jpeg ?? (await encodePng(pixels)) })
          return { id, file }
        },
        options,
      ),
    )
    return { mined: { pages, figures, skipped }, pictures }
  },
}
