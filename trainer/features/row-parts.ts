import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FileOperations, writeFileAtomically } from '../../data/workspace/files.ts'
import { placeOf } from './shard.ts'

/**
 * Rows by image in files that are written once and never changed, so that any number of processes and machines may add
 * to a folder at the same time: a line of JSON (`images`, `width`, `sha256` of what follows), then the rows, float32,
 * little-endian. The name says the first and last place its images have (shard.ts) and holds a piece of its hash: the
 * same rows again are the same file.
 */
const NAME = /^([0-9a-f]{8})-([0-9a-f]{8})-[0-9a-f]{16}\.rows$/

interface Header {
  images: string[]
  width: number
  sha256: string
}

/** Rows of one file at most. */
export const ROWS_OF_A_PART = 256

/** Writes rows as one file, in the order of their places. @returns its path. */
export async function writePart(
  files: FileOperations,
  folder: string,
  width: number,
  rows: ReadonlyMap<string, Float32Array>,
): Promise<string> {
  const images = [...rows.keys()].sort((a, b) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1))
  const values = new Float32Array(images.length * width)
  images.forEach((image, at) => {
    values.set(rows.get(image)!, at * width)
  })
  const bytes = Buffer.from(values.buffer)
  const header: Header = { images, width, sha256: sha256(bytes) }
  const content = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), bytes])
  const place = (image: string) => placeOf(image).toString(16).padStart(8, '0')
  const name = `${place(images[0]!)}-${place(images.at(-1)!)}-${sha256(content).slice(0, 16)}.rows`
  const path = join(folder, name)
  await writeFileAtomically(files, path, content)
  return path
}

/** From one place to another, both included. */
export interface Places {
  first: number
  last: number
}

/** Whether a file of this name is a part that may hold an image of these places. */
export function mayHold(name: string, { first, last }: Places): boolean {
  const [, from, to] = NAME.exec(name) ?? []
  return from !== undefined && Number.parseInt(from, 16) <= last && Number.parseInt(to!, 16) >= first
}

/** Paths of the parts that may hold an image of these places, in the order of their names. */
export async function partsBetween(folder: string, places: Places): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[])
  return names
    .filter(name => mayHold(name, places))
    .sort()
    .map(name => join(folder, name))
}

/** The rows of a part; none where it is gone or damaged: they are computed again then. */
export async function readPart(path: string, width: number): Promise<Map<string, Float32Array>> {
  const content = await readFile(path).catch(() => Buffer.alloc(0))
  const end = content.indexOf('\n')
  const header = headerOf(content.subarray(0, Math.max(0, end)), width)
  if (!header) return new Map()
  // A copy: the rows must begin at a multiple of four bytes.
  const bytes = Uint8Array.prototype.slice.call(content, end + 1)
  if (bytes.length !== header.images.length * width * 4 || sha256(bytes) !== header.sha256) return new Map()
  const values = new Float32Array(bytes.buffer)
  return new Map(header.images.map((image, at) => [image, values.subarray(at * width, (at + 1) * width)]))
}

function headerOf(line: Buffer, width: number): Header | undefined {
  try {
    const header = JSON.parse(line.toString('utf8')) as Header
    const sound = Array.isArray(header.images) && header.width === width && typeof header.sha256 === 'string'
    return sound ? header : undefined
  } catch {
    return undefined
  }
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
