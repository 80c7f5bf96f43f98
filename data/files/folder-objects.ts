import { createHash, randomBytes } from 'node:crypto'
import { type BigIntStats, promises as fs } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { hashOfFile } from '../datasets/hash-file.ts'
import { LesionloopError } from '../errors.ts'
import { nodeFiles, writeFileAtomically } from '../workspace/files.ts'
import { damaged } from './failures.ts'
import type { FilesAddress } from './files-address.ts'
import { type ObjectInfo, ObjectRace, type ObjectStore } from './object-store.ts'

/** Beside the objects: the hash of each as it was put, and who is writing where. */
const SUMS = '.sums'
const BUSY = '.busy'
/** Whoever holds a key longer than this was killed. */
const STALE_MS = 30_000

/** Objects as files of a folder that all machines see (a mounted share); names with a dot first are its own. */
export function folderObjects({ folder, shown }: Extract<FilesAddress, { kind: 'folder' }>): ObjectStore {
  const at = (key: string) => join(folder, ...key.split('/'))
  const sumAt = (key: string) => join(folder, SUMS, ...key.split('/'))

  async function here(): Promise<void> {
    const found = await fs.stat(folder).catch(() => undefined)
    if (!found?.isDirectory())
      throw new LesionloopError(
        'files-no-bucket',
        `files: ${shown}: no such folder; mount the share, or make the folder`,
      )
  }

  async function head(key: string): Promise<ObjectInfo | undefined> {
    const found = await fs.stat(at(key), { bigint: true }).catch(absent)
    if (!found) return await here().then(() => undefined)
    const sha256 = await fs.readFile(sumAt(key), 'utf8').catch(absent)
    return { key, etag: etagOf(found), bytes: Number(found.size), ...(sha256 ? { sha256 } : {}) }
  }

  async function* walk(prefix: string, below: string): AsyncGenerator<string> {
    const entries = (await fs.readdir(at(below), { withFileTypes: true }).catch(absent)) ?? []
    const names = entries
      .filter(entry => !entry.name.startsWith('.'))
      .map(entry => ({ key: below + entry.name + (entry.isDirectory() ? '/' : ''), entry }))
    for (const { key, entry } of names.sort((a, b) => (a.key < b.key ? -1 : 1))) {
      if (!key.startsWith(prefix) && !prefix.startsWith(key)) continue
      if (entry.isDirectory()) yield* walk(prefix, key)
      else yield key
    }
  }

  return {
    shown,
    head,
    async put(key, path, { sha256, only }) {
      await here()
      await fs.mkdir(dirname(at(key)), { recursive: true })
      const temporary = join(dirname(at(key)), `.${randomBytes(8).toString('hex')}.tmp`)
      try {
        await fs.copyFile(path, temporary)
        if ((await hashOfFile(temporary)) !== sha256) throw damaged(shown, key)
        return await whileBusy(join(folder, BUSY), key, async () => {
          const there = only === undefined ? undefined : await head(key)
          if (only === 'absent' ? there : only && there?.etag !== only.match) throw new ObjectRace(key)
          await writeFileAtomically(nodeFiles, sumAt(key), sha256)
          await fs.rename(temporary, at(key))
          return (await head(key))!
        })
      } finally {
        await fs.rm(temporary, { force: true })
      }
    },
    async get(key, path) {
      for (let tries = 1; ; tries++) {
        const info = await head(key)
        if (!info) return undefined
        await fs.copyFile(at(key), path)
        const after = await head(key)
        if (after?.etag === info.etag && (!info.sha256 || (await hashOfFile(path)) === info.sha256))
          return info
        await fs.rm(path, { force: true })
        // Its sum is written just before it: once more, in case somebody is at it.
        if (tries === 3) throw damaged(shown, key)
        await delay(50 * tries)
      }
    },
    async *list(prefix) {
      await here()
      for await (const key of walk(prefix, '')) {
        const found = await fs.stat(at(key), { bigint: true }).catch(absent)
        if (found) yield { key, etag: etagOf(found), bytes: Number(found.size) }
      }
    },
    async remove(key) {
      await here()
      await fs.rm(at(key), { force: true })
      await fs.rm(sumAt(key), { force: true })
    },
    close: () => undefined,
  }
}

const etagOf = (found: BigIntStats) => `${found.mtimeNs}-${found.size}-${found.ino}`

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
  throw error
}

/** One writer a key, on whichever machine; a share knows no condition on writing. */
async function whileBusy<T>(folder: string, key: string, work: () => Promise<T>): Promise<T> {
  await fs.mkdir(folder, { recursive: true })
  const path = join(folder, createHash('sha256').update(key).digest('hex').slice(0, 32))
  for (;;) {
    try {
      await (await fs.open(path, 'wx')).close()
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const { mtimeMs } = await fs.stat(path).catch(() => ({ mtimeMs: Date.now() }))
      if (Date.now() - mtimeMs > STALE_MS) await fs.rm(path, { force: true })
      else await delay(20)
    }
  }
  try {
    return await work()
  } finally {
    await fs.rm(path, { force: true })
  }
}
