import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import type { RunOptions } from '../../data/records/job.ts'
import { greyLevels } from '../../data/statistics/grey-levels.ts'
import { SHORTCUT_FEATURES, shortcutFeatures } from '../../data/statistics/shortcut.ts'
import { readPixels } from '../../data/workspace/images.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { pictureAt } from '../../data/workspace/picture-at.ts'
import { openKeptRows } from '../features/kept-rows.ts'

const AT_A_TIME = 32

/** Where the ten numbers of each image are kept. */
export function shortcutFolder({ paths }: Pick<Workspace, 'paths'>): string {
  const key = createHash('sha256').update(SHORTCUT_FEATURES.join()).digest('hex').slice(0, 8)
  return paths.featuresOf(`shortcut-${key}`)
}

/**
 * The ten numbers of the shortcut control (data/statistics/shortcut.ts) of each image, kept in features/ like any
 * other; images that can't be read are not in the answer.
 */
export async function shortcutRows(
  workspace: Workspace,
  images: readonly { id: string; file: string }[],
  { signal, onProgress, inParts }: RunOptions & { inParts?: boolean } = {},
): Promise<ReadonlyMap<string, Float32Array>> {
  const wanted = [...new Map(images.map(image => [image.id, image])).values()]
  const cache = await openKeptRows(
    workspace,
    shortcutFolder(workspace),
    SHORTCUT_FEATURES.length,
    wanted.map(({ id }) => id),
    inParts === undefined ? {} : { inParts },
  )
  try {
    const missing = wanted.filter(image => !cache.rows.has(image.id))
    for (let at = 0; at < missing.length; at += AT_A_TIME) {
      signal?.throwIfAborted()
      const batch = missing.slice(at, at + AT_A_TIME)
      const found = (
        await Promise.all(
          batch.map(async ({ id, file }) => {
            // A picture that doesn't decode was told of when features were read.
            const row = await pictureAt(workspace, file)
              .then(readShortcut)
              .catch(() => null)
            return row === null ? [] : [{ id, row }]
          }),
        )
      ).flat()
      if (found.length > 0)
        await cache.add(
          found.map(({ id }) => id),
          Float32Array.from(found.flatMap(({ row }) => row)),
        )
      onProgress?.({
        step: 'reading file formats and grey levels',
        done: wanted.length - missing.length + at + batch.length,
        total: wanted.length,
      })
    }
    return cache.rows
  } finally {
    await cache.close()
  }
}

async function readShortcut(path: string): Promise<number[]> {
  const pixels = await readPixels(path)
  const { width, height } = pixels
  const { size } = await stat(path)
  return shortcutFeatures({ format: formatOf(path), width, height, bytes: size, grey: greyLevels(pixels) })
}

/** File format by the name the workspace gave the file: "png", "jpeg", "webp". */
export const formatOf = (file: string) => extname(file).slice(1).toLowerCase().replace(/^jpg$/, 'jpeg')
