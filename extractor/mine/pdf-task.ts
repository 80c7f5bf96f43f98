import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Task } from '../pool/task.ts'
import type { MinedPdf } from './mine-pdf.ts'

export interface PdfToMine {
  path: string
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

/** Mines one PDF: text, figures, pictures, kinds and findings; writes nothing. */
export const task: Task<PdfToMine, MinedPdf> = {
  module: import.meta.url,
  noun: 'pdf',
  prepare: async () => void (await load()),
  run: async ({ path, version, images }, options) => {
    const { minePdf, miner } = await load()
    const isThere = (file: string) => existsSync(join(images, file))
    return await minePdf(await readFile(path), path, { miner, version, isThere, ...options })
  },
}
