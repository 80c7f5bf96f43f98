import { mkdir, statfs } from 'node:fs/promises'
import { LesionloopError } from '../../../data/errors.ts'

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`

/**
 * Sees to it before the first byte that the installation will fit.
 * @throws LesionloopError `disk-full`.
 */
export async function expectRoom(folder: string, bytes: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  if (free < bytes)
    throw diskFull(folder, `${gigabytes(free)} are free, ${gigabytes(bytes)} were expected`, { free, bytes })
}

/** Runs writing work; a disk that fills up in the middle of it is an error a person can act on. */
export async function withDiskFull<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error
    throw diskFull(folder, 'it filled up while writing', {}, error)
  }
}

function diskFull(folder: string, why: string, details: object, cause?: unknown): LesionloopError {
  return new LesionloopError(
    'disk-full',
    `disk: ${folder}: ${why}; make room and run it again (what came is kept), or name another place with LESIONLOOP_CACHE`,
    { folder, ...details },
    cause === undefined ? {} : { cause },
  )
}
