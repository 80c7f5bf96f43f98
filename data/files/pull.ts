import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hashOfFile } from '../datasets/hash-file.ts'
import { messageOf } from '../errors.ts'
import { inParallel } from '../formats/in-parallel.ts'
import { LogParts } from './log-parts.ts'
import { AT_ONCE, type ObjectHead } from './object-store.ts'
import { CYCLES_PREFIX, LOG_PREFIX, RECORD_PREFIX } from './shared-areas.ts'
import type { SharedFiles } from './shared-files.ts'

/** What came to this machine. */
export interface Pulled {
  /** Keys of what is new or changed here. */
  changed: string[]
  /** What could not be taken in, in words: nothing of it was changed here. */
  problems: string[]
}

/** Brings records, logs and sealed cycles here as they are on the storage; by ETag, so that only what changed is read. */
export async function pullAll(shared: SharedFiles): Promise<Pulled> {
  const pulled: Pulled = { changed: [], problems: [] }
  await shared.known.refresh()
  // First: a pointer must not come before the cycle that it names.
  await pullCycles(shared, pulled)
  await pullLogs(shared, pulled)
  const records = await listed(shared, RECORD_PREFIX)
  await inParallel(records, AT_ONCE, head => takeRecord(shared, head, pulled))
  return pulled
}

async function listed(shared: SharedFiles, prefix: string): Promise<ObjectHead[]> {
  const all: ObjectHead[] = []
  for await (const head of shared.objects.list(prefix)) all.push(head)
  return all
}

const pathOf = (shared: SharedFiles, name: string) => join(shared.paths.root, ...name.split('/'))

/** Names of keys become paths here: none may lead out of the workspace. */
const isPlain = (key: string) =>
  key.split('/').every(part => part !== '' && !part.startsWith('.') && !part.includes('\\'))

async function takeRecord(shared: SharedFiles, head: ObjectHead, pulled: Pulled): Promise<void> {
  const name = head.key.slice(RECORD_PREFIX.length)
  const path = pathOf(shared, name)
  if (!isPlain(name) || shared.place(path)?.key !== head.key) return
  const known = shared.known.get(head.key)
  if (known?.etag === head.etag && existsSync(path)) return
  if (existsSync(path) && !(await shared.known.isSame(head.key, path))) {
    const there = await shared.objects.head(head.key)
    if (there?.sha256 === (await hashOfFile(path))) return await shared.known.note(path, there, there.sha256)
    pulled.problems.push(
      `files: ${name}: is another here than on ${shared.shown}, and this machine's was never put there; move one of them away`,
    )
    return
  }
  await shared.download(head.key, path)
  pulled.changed.push(head.key)
}

async function pullLogs(shared: SharedFiles, pulled: Pulled): Promise<void> {
  const changed = new Set<string>()
  await inParallel(await listed(shared, LOG_PREFIX), AT_ONCE, async head => {
    const path = shared.logs.path(head.key)
    if (!isPlain(head.key)) return
    if (shared.known.get(head.key)?.etag === head.etag && existsSync(path)) return
    await shared.download(head.key, path)
    changed.add(LogParts.logOf(head.key))
  })
  for (const log of changed) {
    await shared.logs.rebuild(log, pathOf(shared, log.slice(LOG_PREFIX.length, -1)))
    pulled.changed.push(log)
  }
}

async function pullCycles(shared: SharedFiles, pulled: Pulled): Promise<void> {
  const folders = new Map<string, ObjectHead[]>()
  for (const head of await listed(shared, CYCLES_PREFIX)) {
    const folder = dirname(head.key)
    const id = head.key.split('/').slice(0, 2).join('/')
    if (isPlain(head.key) && folder !== '.') folders.set(id, [...(folders.get(id) ?? []), head])
  }
  for (const [folder, heads] of folders) {
    const seal = heads.find(({ key }) => key === `${folder}/cycle.json`)
    if (!seal || shared.place(pathOf(shared, seal.key))?.sharing !== 'sealed') continue
    const isNew = (head: ObjectHead) =>
      shared.known.get(head.key)?.etag !== head.etag || !existsSync(pathOf(shared, head.key))
    try {
      const others = heads.filter(head => head !== seal && isNew(head))
      await inParallel(others, AT_ONCE, head => shared.fetch(pathOf(shared, head.key), { newest: true }))
      // Last: its presence says that everything else is there.
      const isSealNew = isNew(seal)
      if (isSealNew) await shared.fetch(pathOf(shared, seal.key), { newest: true })
      if (others.length > 0 || isSealNew) pulled.changed.push(folder)
    } catch (error) {
      pulled.problems.push(messageOf(error))
    }
  }
}
