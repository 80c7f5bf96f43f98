import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { databaseOf } from '../../data/stores/database-address.ts'
import { acquireLock } from '../../data/workspace/locks.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { openFeatureFile } from './feature-file.ts'
import { mayHold, type Places, partsBetween, ROWS_OF_A_PART, readPart, writePart } from './row-parts.ts'
import { placeOf } from './shard.ts'

/** Rows of numbers by image that are kept in a folder of features/, each computed once. */
export interface KeptRows {
  /** Those of the images asked for. */
  rows: ReadonlyMap<string, Float32Array>
  /** Adds rows, one after the other. */
  add(images: readonly string[], values: Float32Array): Promise<void>
  /** Writes what is still held, and lets others in. */
  close(): Promise<void>
}

/** However slow the pictures are, no more work than this is lost with a process. */
const HELD_MS = 15_000

/** Parts lie beside the file that one process alone appends to. */
const partsFolder = (folder: string) => join(folder, 'parts')

/**
 * Opens the rows kept in a folder for reading and adding. In a workspace of one machine they are appended to one file
 * under the `features` lock; over a database, and where shards are worked on, they are written in parts, so that any
 * number of processes may add at once. Both are read.
 * @param options.inParts whether others may be at work on the same folder.
 * @throws LesionloopError `lock-held`.
 */
export async function openKeptRows(
  workspace: Workspace,
  folder: string,
  width: number,
  images: readonly string[],
  { inParts = isSharedByMany(workspace) }: { inParts?: boolean } = {},
): Promise<KeptRows> {
  if (inParts) return await openInParts(workspace, folder, width, images)
  const lock = await acquireLock(workspace, 'features')
  try {
    await workspace.files.makeFolder(folder)
    const wanted = new Set(images)
    const file = await openFeatureFile(workspace.files, folder, width, image => wanted.has(image))
    const rows = await withParts(workspace, folder, width, wanted, file.rows)
    return {
      rows,
      async add(added, values) {
        await file.append(added, values)
        added.forEach((image, at) => {
          rows.set(image, values.slice(at * width, (at + 1) * width))
        })
      },
      close: () => lock.release(),
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function openInParts(
  workspace: Workspace,
  folder: string,
  width: number,
  images: readonly string[],
): Promise<KeptRows> {
  const { files } = workspace
  const rows = await readKeptRows(workspace, folder, width, images)
  let held = new Map<string, Float32Array>()
  let since = Date.now()
  const write = async () => {
    const full = held
    held = new Map()
    since = Date.now()
    if (full.size > 0) await writePart(files, partsFolder(folder), width, full)
  }
  return {
    rows,
    async add(added, values) {
      added.forEach((image, at) => {
        const row = values.slice(at * width, (at + 1) * width)
        rows.set(image, row)
        held.set(image, row)
      })
      if (held.size >= ROWS_OF_A_PART || Date.now() - since >= HELD_MS) await write()
    },
    close: write,
  }
}

/** The rows there are of these images; takes no lock and writes nothing. */
export async function readKeptRows(
  workspace: Workspace,
  folder: string,
  width: number,
  images: readonly string[],
): Promise<Map<string, Float32Array>> {
  const wanted = new Set(images)
  const file = await openFeatureFile(workspace.files, folder, width, image => wanted.has(image))
  return await withParts(workspace, folder, width, wanted, file.rows)
}

/** Adds the rows that stand in parts alone, of the images wanted. */
async function withParts(
  workspace: Workspace,
  folder: string,
  width: number,
  wanted: ReadonlySet<string>,
  first: ReadonlyMap<string, Float32Array>,
): Promise<Map<string, Float32Array>> {
  const rows = new Map([...first].filter(([image]) => wanted.has(image)))
  const parts = partsFolder(folder)
  const places = spread(wanted)
  await bringParts(workspace, parts, places)
  for (const path of await partsBetween(parts, places))
    for (const [image, row] of await readPart(path, width))
      if (wanted.has(image) && !rows.has(image)) rows.set(image, row)
  return rows
}

/** Fetches what other machines have put on the storage of these places. What does not come is computed again. */
async function bringParts({ shared }: Workspace, parts: string, places: Places): Promise<void> {
  const key = shared?.place(join(parts, 'x.rows'))?.key
  if (!shared || !key) return
  const missing: string[] = []
  for await (const head of shared.objects.list(`${dirname(key)}/`)) {
    const name = basename(head.key)
    if (mayHold(name, places) && !existsSync(join(parts, name))) missing.push(join(parts, name))
  }
  await shared.fetchAll(missing, () => undefined)
}

/** Whether other machines may work on the same workspace. */
const isSharedByMany = (workspace: Workspace): boolean =>
  workspace.shared !== undefined || databaseOf(workspace) !== undefined

/** The first and last place of images. */
function spread(images: ReadonlySet<string>): Places {
  let [first, last] = [Number.POSITIVE_INFINITY, -1]
  for (const image of images) {
    const place = placeOf(image)
    first = Math.min(first, place)
    last = Math.max(last, place)
  }
  return { first, last }
}
