import { createHash, randomBytes } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { type FileOperations, writeAll } from '../workspace/files.ts'

const CHUNK = 1 << 20

/** What a finished file weighs. */
export interface Written {
  bytes: number
  sha256: string
}

/** A file that grows piece by piece beside its place, and takes it when it is whole. */
export interface PiecewiseFile {
  push(piece: string | Uint8Array): Promise<void>
  finish(): Promise<Written>
  /** Leaves what was there before as it is. */
  abandon(): Promise<void>
}

/** Opens a temporary file beside `path`; memory stays flat however long it gets. */
export async function openPiecewise(files: FileOperations, path: string): Promise<PiecewiseFile> {
  await files.makeFolder(dirname(path))
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  const file = await files.open(temporary, 'wx')
  const hash = createHash('sha256')
  let bytes = 0
  let waiting: string[] = []
  let length = 0
  let closed = false

  const put = async (content: Uint8Array) => {
    hash.update(content)
    bytes += content.length
    if (content.length > 0) await writeAll(file, content)
  }
  const flush = async () => {
    const content = Buffer.from(waiting.join(''), 'utf8')
    waiting = []
    length = 0
    await put(content)
  }
  const close = async () => {
    if (closed) return
    closed = true
    await file.close()
  }
  const abandon = async () => {
    await close().catch(() => undefined)
    await files.remove(temporary).catch(() => undefined)
  }
  return {
    async push(piece) {
      if (typeof piece !== 'string') {
        await flush()
        await put(piece)
        return
      }
      waiting.push(piece)
      length += piece.length
      if (length >= CHUNK) await flush()
    },
    async finish() {
      try {
        await flush()
        await file.sync()
        await close()
        await files.rename(temporary, path)
      } catch (error) {
        await abandon()
        throw error
      }
      await files.syncFolder(dirname(path))
      return { bytes, sha256: hash.digest('hex') }
    },
    abandon,
  }
}

/**
 * Writes a file piece by piece so that whoever reads sees the whole of it or the one before: a temporary file beside
 * it, fsync, rename.
 */
export async function writePiecewise(
  files: FileOperations,
  path: string,
  pieces: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
): Promise<Written> {
  const file = await openPiecewise(files, path)
  try {
    for await (const piece of pieces) await file.push(piece)
  } catch (error) {
    await file.abandon()
    throw error
  }
  return await file.finish()
}
