import { randomBytes } from 'node:crypto'
import { readdir, readFile, rmdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { LesionloopError } from '../errors.ts'
import type { RunOptions } from '../records/job.ts'
import { type FileOperations, writeAll } from '../workspace/files.ts'
import { type BackupEntry, readManifest } from './manifest.ts'
import { piecePath, sha256 } from './pieces.ts'

export interface RestoreResult {
  backup: string
  files: number
  bytes: number
  journalSeq: number
}

/**
 * Puts a backup back as a workspace, in a folder that is missing or empty: whole, every byte checked, or not at all.
 * @throws LesionloopError `restore-place`, `backup-missing`, `backup-damaged`.
 */
export async function restoreWorkspace(
  dir: string,
  root: string,
  files: FileOperations,
  options: RunOptions & { backup?: string } = {},
): Promise<RestoreResult> {
  const target = resolve(root)
  const there = await readdir(target).catch(() => undefined)
  if (there && there.length > 0)
    throw new LesionloopError(
      'restore-place',
      `restore: ${root}: not empty; name a folder that isn't there yet, nothing is ever written over`,
    )
  const { name, manifest } = await readManifest(resolve(dir), options.backup)
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(4).toString('hex')}.restoring`)
  const total = manifest.files.length
  try {
    for (const [done, entry] of manifest.files.entries()) {
      options.signal?.throwIfAborted()
      await restoreFile(files, resolve(dir), entry, join(temporary, ...entry.path.split('/')))
      options.onProgress?.({ step: 'restoring', done: done + 1, total, detail: entry.path })
    }
    // A folder can't be put in another's place on every system.
    if (there) await rmdir(target)
    await files.rename(temporary, target)
    await files.syncFolder(dirname(target))
  } catch (error) {
    await files.remove(temporary).catch(() => undefined)
    throw error
  }
  const bytes = manifest.files.reduce((sum, entry) => sum + entry.bytes, 0)
  return { backup: name, files: total, bytes, journalSeq: manifest.journalSeq }
}

async function restoreFile(
  files: FileOperations,
  dir: string,
  entry: BackupEntry,
  to: string,
): Promise<void> {
  await files.makeFolder(dirname(to))
  const file = await files.open(to, 'wx')
  let bytes = 0
  try {
    for (const hash of entry.pieces) {
      const piece = await readFile(piecePath(dir, hash)).catch(() => undefined)
      if (!piece || sha256(piece) !== hash)
        throw damaged(entry, piece ? 'changed since it was kept' : 'missing')
      await writeAll(file, piece)
      bytes += piece.length
    }
    if (bytes !== entry.bytes) throw damaged(entry, `${bytes} bytes where ${entry.bytes} were expected`)
    await file.sync()
  } finally {
    await file.close()
  }
  await files.syncFolder(dirname(to))
}

const damaged = (entry: BackupEntry, what: string) =>
  new LesionloopError(
    'backup-damaged',
    `backup: ${entry.path}: ${what}; nothing was restored: choose an earlier backup with --backup, or another copy of the folder`,
    { path: entry.path },
  )
