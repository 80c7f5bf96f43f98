import { readFile } from 'node:fs/promises'
import type { Task } from '../../data/pool/task.ts'
import { PAGE_DPI } from '../../data/records/document.ts'

export interface PageToDraw {
  path: string
  /** For messages. */
  name: string
  page: number
}

/** Small print stays readable at this; a page takes about 100 kB. */
const WEBP = { quality: 78, effort: 3 } as const
/** A poster of A0 has 16 million at PAGE_DPI. */
const MOST_PIXELS = 20_000_000

const load = async () => {
  const [{ withPdf }, { default: sharp }] = await Promise.all([import('./document.ts'), import('sharp')])
  return { withPdf, sharp }
}

/** The picture of one page of a PDF as WebP, at PAGE_DPI; writes nothing. */
export const task: Task<PageToDraw, Uint8Array> = {
  module: import.meta.url,
  noun: 'pdf',
  prepare: async () => void (await load()),
  run: async ({ path, name, page: number }) => {
    const { withPdf, sharp } = await load()
    return await withPdf(await readFile(path), name, async pdf => {
      const page = await pdf.page(number)
      const inches = [Math.round(page.width / 72), Math.round(page.height / 72)] as const
      if (inches[0] * inches[1] * PAGE_DPI ** 2 > MOST_PIXELS)
        throw new Error(`${inches[0]} × ${inches[1]} inches is larger than a poster`)
      const { data, width, height } = await page.render([0, 0, page.width, page.height], PAGE_DPI)
      return await sharp(data, { raw: { width, height, channels: 3 } })
        .webp(WEBP)
        .toBuffer()
    })
  },
}
