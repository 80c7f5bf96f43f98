import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { codeOf, LesionloopError, messageOf } from '../errors.ts'
import type { RunOptions } from '../records/job.ts'
import { type StoredImage, storeImage } from '../workspace/images.ts'
import type { Workspace } from '../workspace/open.ts'
import { inParallel } from './in-parallel.ts'

/** A picture in its place in images/, or why there is none. */
export type RowPicture = StoredImage | { fault: { code: string; reason: string } }

/**
 * Decoded and written at once. Most of the time goes by waiting for the disk to say that it has them, so there are
 * more than cores; each may hold a decoded picture in memory, so there are few.
 */
const AT_ONCE = 8

/** Puts every picture that rows name into images/, each name once. A bad one stops none. @returns by name. */
export async function storeRowPictures(
  workspace: Workspace,
  folder: string,
  names: Iterable<string>,
  { signal, onProgress }: RunOptions,
): Promise<Map<string, RowPicture>> {
  const distinct = [...new Set(names)]
  let done = 0
  const pictures = await inParallel(distinct, AT_ONCE, async (name): Promise<[string, RowPicture]> => {
    signal?.throwIfAborted()
    try {
      return [name, await storeRowImage(workspace, folder, name)]
    } catch (error) {
      return [name, { fault: { code: codeOf(error), reason: messageOf(error) } }]
    } finally {
      onProgress?.({ step: 'storing images', done: ++done, total: distinct.length, detail: name })
    }
  })
  return new Map(pictures)
}

async function storeRowImage(workspace: Workspace, folder: string, name: string): Promise<StoredImage> {
  const path = resolve(folder, name)
  const inside = relative(folder, path)
  if (inside.startsWith('..') || isAbsolute(inside))
    throw new LesionloopError(
      'image-outside',
      `image: ${name}: outside the folder of the file; put the pictures beside it and name them from there`,
    )
  if (!existsSync(path))
    throw new LesionloopError(
      'image-missing',
      `image: ${name}: not found in the folder of the file; put it there, or correct the path`,
    )
  return await storeImage(workspace, await readFile(join(folder, inside)), { originalName: name })
}
