import { randomBytes } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { type FileOperations, writeAll } from '../workspace/files.ts'

const CHUNK = 1 << 20

/**
 * Writes a file piece by piece so that whoever reads sees the whole of it or the one before: a temporary file beside
 * it, fsync, rename. Memory stays flat however long it gets. @returns bytes written.
 */
export async function writePiecewise(
  files: FileOperations,
  path: string,
  pieces: AsyncIterable<string> | Iterable<string>,
): Promise<number> {
  await files.makeFolder(dirname(path))
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  let written = 0
  try {
    const file = await files.open(temporary, 'wx')
    try {
      let waiting: string[] = []
      let length = 0
      const flush = async () => {
        const bytes = Buffer.from(waiting.join(''), 'utf8')
        waiting = []
        length = 0
        written += bytes.length
        if (bytes.length > 0) await writeAll(file, bytes)
      }
      for await (const piece of pieces) {
        waiting.push(piece)
        length += piece.length
        if (length >= CHUNK) await flush()
      }
      await flush()
      await file.sync()
    } finally {
      await file.close()
    }
    await files.rename(temporary, path)
  } catch (error) {
    await files.remove(temporary).catch(() => undefined)
    throw error
  }
  await files.syncFolder(dirname(path))
  return written
}
