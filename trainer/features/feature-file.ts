import { createHash } from 'node:crypto'
import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { appendDurably, type FileOperations, writeAll } from '../../data/workspace/files.ts'

/**
 * Cached features of one backbone: `features.bin`, rows of little-endian float32 one after the other, and
 * `index.jsonl`, a line for every batch of rows: `{"row": 128, "images": ["…"], "sha256": "…"}`. Rows are on the disk
 * before the line that speaks for them, so that whatever a kill leaves is either whole or not spoken for.
 */
export interface FeatureFile {
  /** Row of each image. */
  rows: Map<string, Float32Array>
  /** Adds rows; they are on the disk when this resolves. */
  append(images: readonly string[], rows: Float32Array): Promise<void>
}

interface Line {
  row: number
  images: string[]
  sha256: string
}

/**
 * Opens (or begins) the cache in a folder. Batches whose bytes are missing or damaged are computed again.
 * @param isWanted batches without any image that is wanted are passed by; where nothing is said, all are read.
 */
export async function openFeatureFile(
  files: FileOperations,
  folder: string,
  width: number,
  isWanted?: (image: string) => boolean,
): Promise<FeatureFile> {
  const binary = join(folder, 'features.bin')
  const index = join(folder, 'index.jsonl')
  const bytesPerRow = 4 * width
  const lines = await readLines(index)
  const rows = new Map<string, Float32Array>()
  const size = await stat(binary).then(
    found => found.size,
    () => 0,
  )
  const handle = size > 0 ? await open(binary, 'r') : null
  try {
    for (const line of lines) {
      if (isWanted && !line.images.some(isWanted)) continue
      const bytes = new Uint8Array(line.images.length * bytesPerRow)
      if (line.row * bytesPerRow + bytes.length > size) continue
      await handle?.read(bytes, 0, bytes.length, line.row * bytesPerRow)
      if (sha256(bytes) !== line.sha256) continue
      const values = new Float32Array(bytes.buffer)
      line.images.forEach((image, at) => {
        rows.set(image, values.subarray(at * width, (at + 1) * width))
      })
    }
  } finally {
    await handle?.close()
  }
  // Whole rows only, so that what a killed run left is never counted as half a row.
  let next = Math.ceil(size / bytesPerRow)
  return {
    rows,
    async append(images, values) {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
      const padding = next * bytesPerRow - (await sizeOf(binary))
      if (padding > 0) await appendDurably(files, binary, new Uint8Array(padding))
      await appendDurably(files, binary, bytes)
      const line: Line = { row: next, images: [...images], sha256: sha256(bytes) }
      await appendLine(files, index, JSON.stringify(line))
      next += images.length
      images.forEach((image, at) => {
        rows.set(image, values.slice(at * width, (at + 1) * width))
      })
    },
  }
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const sizeOf = (path: string) =>
  stat(path).then(
    found => found.size,
    () => 0,
  )

/** Appends a line; one a kill left without its end is closed off first. */
async function appendLine(files: FileOperations, path: string, line: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const file = text !== '' && !text.endsWith('\n') ? await files.open(path, 'a') : null
  if (file) {
    try {
      await writeAll(file, Buffer.from('\n'))
    } finally {
      await file.close()
    }
  }
  await appendDurably(files, path, `${line}\n`)
}

async function readLines(path: string): Promise<Line[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.split('\n').flatMap(line => {
    try {
      const value = JSON.parse(line) as Line
      const sound = Number.isSafeInteger(value.row) && value.row >= 0 && Array.isArray(value.images)
      return sound ? [value] : []
    } catch {
      // A torn line: its batch is computed again.
      return []
    }
  })
}
