import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Task } from '../../data/pool/task.ts'
import type { MinedPdf } from './mine-pdf.ts'

export interface PdfToMine {
  /** A PDF, an article's XML with its pictures beside it, or an article's .tar.gz. */
  path: string
  kind?: 'pdf' | 'article' | 'package'
  /** The same article's XML, where its PDF is to be mined. */
  article?: string
  /** Miner's version, written into the record. */
  version: string
  /** The workspace's folder of pictures, only looked into. */
  images: string
}

const load = async () => {
  const [{ minePdf }, { createMiner }] = await Promise.all([
    import('./mine-pdf.ts'),
    import('../text/miner.ts'),
  ])
  return { minePdf, miner: createMiner() }
}

/** Only loaded where there is an article to read. */
const loadArticles = () =>
  Promise.all([
    import('./mine-jats.ts'),
    import('./pdf-and-article.ts'),
    import('../jats/article-package.ts'),
  ])

/** Mines one PDF or article: text, figures, pictures, kinds and findings; writes nothing. */
export const task: Task<PdfToMine, MinedPdf> = {
  module: import.meta.url,
  noun: 'pdf',
  prepare: async () => void (await load()),
  run: async ({ path, kind = 'pdf', article, version, images }, options) => {
    const { minePdf, miner } = await load()
    const isThere = (file: string) => existsSync(join(images, file))
    const mining = { miner, version, isThere, ...options }
    const bytes = await readFile(path)
    if (kind === 'pdf' && article === undefined) return await minePdf(bytes, path, mining)
    const [{ mineJats }, { minePdfWithArticle }, { articleInArchive, articleInFolder }] = await loadArticles()
    const packageAt = async (at: string) =>
      /gz$/i.test(at) ? articleInArchive(await readFile(at), basename(at)) : articleInFolder(at)
    if (kind === 'pdf') return await minePdfWithArticle({ path, bytes }, await packageAt(article!), mining)
    const name = basename(path)
    const given = await packageAt(path)
    return await mineJats(given, { ...mining, source: { name, bytes } })
  },
}
