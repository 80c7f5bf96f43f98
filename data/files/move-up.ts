import { existsSync, promises as fs } from 'node:fs'
import { basename, join, relative, sep } from 'node:path'
import { hashOfFile } from '../datasets/hash-file.ts'
import { codeOf, messageOf } from '../errors.ts'
import { inParallel } from '../formats/in-parallel.ts'
import type { RunOptions } from '../records/job.ts'
import { AT_ONCE } from './object-store.ts'
import { sealOf } from './shared-areas.ts'
import type { SharedFiles } from './shared-files.ts'

export interface Moved {
  /** Files that went to the storage, or came from it. */
  moved: number
  /** Files that were the same on both sides already. */
  same: number
  /** What could not be moved, in words. */
  failed: string[]
}

const AREAS = ['images', 'documents', 'rejected', 'cycles', 'datasets', 'staging']
const FILES = ['duplicates.json', 'splits.json', 'promoted.json', 'screening.jsonl', 'workspace.json']

/** What is named comes before what names it, so that whoever looks in the middle misses nothing that is named. */
function rank(name: string): number {
  if (name.startsWith('images/')) return 0
  if (FILES.includes(name)) return 4
  const isSeal = Object.values({ cycles: sealOf('cycles'), datasets: sealOf('datasets') }).includes(
    basename(name) as never,
  )
  if (isSeal || basename(name) === 'document.json') return 2
  return name.endsWith('rejected.jsonl') ? 3 : 1
}

/** Every file of this machine's folder that is shared, in the order in which it may be put. */
async function sharedNames(shared: SharedFiles): Promise<string[]> {
  const { root } = shared.paths
  const names: string[] = FILES.filter(name => existsSync(join(root, name)))
  for (const area of AREAS) {
    const entries = await fs
      .readdir(join(root, area), { recursive: true, withFileTypes: true })
      .catch(() => [])
    for (const entry of entries)
      if (entry.isFile()) names.push(relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
  }
  const isSealed = (name: string) => {
    const [area = '', folder = ''] = name.split('/')
    if (area !== 'cycles' && area !== 'datasets') return true
    return existsSync(join(root, area, folder, sealOf(area)))
  }
  return names
    .filter(name => shared.place(join(root, ...name.split('/'))) && isSealed(name))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}

/**
 * Puts all of this machine's folder on the storage: once, to move a workspace there, and again where it was stopped.
 * What is there already in the same bytes is left.
 */
export async function pushFolder(
  shared: SharedFiles,
  { signal, onProgress }: RunOptions = {},
): Promise<Moved> {
  const names = await sharedNames(shared)
  const result: Moved = { moved: 0, same: 0, failed: [] }
  const sums = new Map<string, string>()
  for await (const head of shared.objects.list('')) sums.set(head.key, head.etag)
  await shared.known.refresh()
  for (const turn of [0, 1, 2, 3, 4]) {
    const now = names.filter(name => rank(name) === turn)
    // A cycle or document of which a file is missing there must not be named there.
    if (turn > 1 && result.failed.length > 0) break
    await inParallel(now, AT_ONCE, async name => {
      signal?.throwIfAborted()
      try {
        await pushOne(shared, name, sums, result)
      } catch (error) {
        result.failed.push(messageOf(error))
        onProgress?.({
          step: 'putting files on the storage',
          done: result.moved + result.same,
          total: names.length,
          problem: { item: name, code: codeOf(error), message: messageOf(error) },
        })
      }
      onProgress?.({
        step: 'putting files on the storage',
        done: result.moved + result.same,
        total: names.length,
      })
    })
  }
  for (const name of names) {
    const [, folder = ''] = /^((?:cycles|datasets)\/[^/]+)\/(?:cycle|manifest)\.json$/.exec(name) ?? []
    if (folder && result.failed.length === 0) await shared.claim(folder)
  }
  return result
}

async function pushOne(
  shared: SharedFiles,
  name: string,
  there: ReadonlyMap<string, string>,
  result: Moved,
): Promise<void> {
  const path = join(shared.paths.root, ...name.split('/'))
  const { key, sharing } = shared.place(path)!
  const etag = there.get(key)
  if (etag !== undefined && sharing !== 'log') {
    const known = shared.known.get(key)
    if (known?.etag === etag && (await shared.known.isSame(key, path))) {
      result.same++
      return
    }
    const head = await shared.objects.head(key)
    const sha256 = await hashOfFile(path)
    if (head?.sha256 === sha256) {
      await shared.known.note(path, head, sha256)
      result.same++
      return
    }
  }
  await shared.put(path)
  result.moved++
}

/** Brings everything here that the storage has: to work without it, or for a copy of all. */
export async function pullFolder(
  shared: SharedFiles,
  { signal, onProgress }: RunOptions = {},
): Promise<Moved> {
  const pulled = await shared.pull()
  const result: Moved = { moved: pulled.changed.length, same: 0, failed: pulled.problems }
  let done = 0
  const keys: string[] = []
  for (const prefix of ['images/', 'documents/', 'rejected/', 'datasets/'])
    for await (const { key } of shared.objects.list(prefix)) keys.push(key)
  await inParallel(keys, AT_ONCE, async key => {
    signal?.throwIfAborted()
    const path = join(shared.paths.root, ...key.split('/'))
    if (shared.place(path)?.key !== key) return
    const before = shared.known.get(key)
    try {
      await shared.fetch(path, { newest: true })
      if (shared.known.get(key) === before) result.same++
      else result.moved++
    } catch (error) {
      result.failed.push(messageOf(error))
    }
    onProgress?.({ step: 'fetching files', done: ++done, total: keys.length })
  })
  return result
}

export interface Verified {
  /** Objects whose bytes were read and are what was put. */
  sound: number
  /** Those that are not, or of which nothing says what they were, in words. */
  faults: string[]
}

/** Reads every object of the storage and compares it with the hash under which it was put. */
export async function verifyObjects(
  shared: SharedFiles,
  { signal, onProgress }: RunOptions = {},
): Promise<Verified> {
  const result: Verified = { sound: 0, faults: [] }
  const keys: string[] = []
  for await (const { key } of shared.objects.list('')) keys.push(key)
  await fs.mkdir(shared.paths.root, { recursive: true })
  let done = 0
  const folder = await fs.mkdtemp(join(shared.paths.root, '.verify-'))
  try {
    await inParallel(keys, AT_ONCE, async (key, at) => {
      signal?.throwIfAborted()
      const path = join(folder, String(at))
      try {
        const info = await shared.objects.get(key, path)
        if (info?.sha256) result.sound++
        else if (info)
          result.faults.push(`files: ${key}: without a hash: something else than lesionloop put it there`)
      } catch (error) {
        result.faults.push(messageOf(error))
      } finally {
        await fs.rm(path, { force: true })
      }
      onProgress?.({ step: 'reading objects', done: ++done, total: keys.length })
    })
  } finally {
    await fs.rm(folder, { recursive: true, force: true })
  }
  return result
}
