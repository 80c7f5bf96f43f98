import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { LesionloopError } from '../../data/errors.ts'
import type { PictureItem } from '../pictures/batches.ts'

export interface ExternalSet {
  name: string
  items: (PictureItem & { flag: 0 | 1 })[]
}

/** Names of folders by which CT datasets tell COVID from the rest. */
const FOLDERS: readonly (readonly [folder: string, flag: 0 | 1])[] = [
  ['CT_COVID', 1],
  ['COVID', 1],
  ['positive', 1],
  ['CT_NonCOVID', 0],
  ['non-COVID', 0],
  ['negative', 0],
]
const PICTURE = /\.(png|jpe?g|webp|tiff?|bmp|dcm)$/i

/**
 * A test set from elsewhere: a folder with one folder of COVID pictures and one of others. It is only measured on.
 * @throws LesionloopError `external-layout`.
 */
export async function readExternalSet(folder: string): Promise<ExternalSet> {
  const name = basename(resolve(folder))
  const items: ExternalSet['items'] = []
  for (const [part, flag] of FOLDERS) {
    const path = join(folder, part)
    if (!existsSync(path)) continue
    for (const file of (await readdir(path)).sort())
      if (PICTURE.test(file)) items.push({ id: `${name}/${part}/${file}`, path: join(path, file), flag })
  }
  if (new Set(items.map(item => item.flag)).size < 2)
    throw new LesionloopError(
      'external-layout',
      `external set: ${folder}: pictures of both kinds were expected, in folders such as COVID and non-COVID (or CT_COVID and CT_NonCOVID, positive and negative)`,
      { folder },
    )
  return { name, items }
}
