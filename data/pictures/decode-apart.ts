import { availableParallelism } from 'node:os'
import { openPool, type Pool } from '../pool/pool.ts'
import { type Decodings, type FileToDecode, task } from './decode-task.ts'

/** A slice takes milliseconds, a picture of 100 million pixels some seconds. */
const TIME_LIMIT_S = 60
/** A picture of 100 million pixels takes about 1 GB while it is decoded. */
const MEMORY_LIMIT_MB = 2048
const MOST_WORKERS = 4
/** Workers that nobody needs for so long are ended. */
const KEPT_MS = 60_000

let pool: Pool<FileToDecode, Decodings[keyof Decodings]> | undefined
let running = 0
let closing: NodeJS.Timeout | undefined

/**
 * What a file from outside holds, decoded in a process of its own with limits of time and memory: on a breach that
 * process is ended, and this one goes on. Its workers are begun with the first file, shared by all, and never keep this
 * process alive.
 * @throws LesionloopError `image-…`, `dicom-…` as `readPixels` and `readDicomSlice`; `file-time-limit`,
 *   `file-memory-limit`, `file-stuck`, `file-crashed`.
 */
export async function decodedApart<W extends keyof Decodings>(
  want: W,
  bytes: Uint8Array,
  name: string,
  options: Pick<FileToDecode, 'window'> = {},
): Promise<Decodings[W]> {
  clearTimeout(closing)
  running++
  try {
    pool ??= openPool(task, {
      workers: Math.min(MOST_WORKERS, availableParallelism()),
      timeLimit: TIME_LIMIT_S,
      memoryLimit: MEMORY_LIMIT_MB,
      advice: 'scale it down, or leave it out',
    })
    return (await pool.run({ want, bytes, name, ...options }, name)) as Decodings[W]
  } finally {
    running--
    if (running === 0) closing = setTimeout(close, KEPT_MS).unref()
  }
}

function close(): void {
  pool?.close()
  pool = undefined
}
