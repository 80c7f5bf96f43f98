import type { Dirent } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { LesionloopError } from '../errors.ts'
import { inParallel } from '../formats/in-parallel.ts'
import { replay } from '../journal/replay.ts'
import type { RunOptions } from '../records/job.ts'
import { scanCases } from '../stores/cases-file.ts'
import { LineFile } from '../stores/line-file.ts'
import type { FileOperations } from '../workspace/files.ts'
import { workspacePaths } from '../workspace/paths.ts'
import { type BackupEntry, listBackups, readManifest, writeManifest } from './manifest.ts'
import { hasPiece, keepPiece, PIECE } from './pieces.ts'

export interface BackupResult {
  /** Of this backup, for `restore --backup`. */
  name: string
  files: number
  bytes: number
  /** Bytes that no earlier backup in this folder had. */
  written: number
  journalSeq: number
}

/** Made again when they are missing, or of this machine's moment only; who is logged in is nobody's business later. */
const LEFT_OUT = new Set([
  'locks',
  'sessions.json',
  'features',
  'staging',
  'backups',
  'labels/snapshot.json',
  'fetch',
])
const AT_ONCE = 4

/**
 * Copies a workspace while it is in use, into a folder that keeps earlier backups too and takes in only what is new. It
 * needs no lock: first the journal up to its last whole line, then the cases up to their last whole document, then all
 * that these refer to, so that nothing in the copy refers to what is not in it. Everything else is written by rename,
 * and is therefore whole at any moment. A cycle that is not sealed yet is left out.
 * @throws LesionloopError `backup-place`; errors of the disk.
 */
export async function backupWorkspace(
  root: string,
  dir: string,
  files: FileOperations,
  options: RunOptions & { now?: () => Date } = {},
): Promise<BackupResult> {
  const { paths, target } = places(root, dir)
  const [journal, cases] = [relative(root, paths.journal), relative(root, paths.cases)]
  const earlier = (await listBackups(target)).length > 0 ? (await readManifest(target)).manifest.files : []
  const known = new Map(earlier.map(entry => [entry.path, entry]))
  const seq = { last: 0 }
  const result = { files: 0, bytes: 0, written: 0 }
  const entries: BackupEntry[] = []
  let total: number | null = null

  async function take(path: string, end?: number): Promise<void> {
    options.signal?.throwIfAborted()
    const name = path.split(sep).join('/')
    const kept = await keepFile({
      files,
      root,
      dir: target,
      name,
      known: known.get(name),
      ...(end === undefined ? {} : { end }),
    })
    // Gone since it was listed: its document was mined anew, say.
    if (!kept) return
    entries.push(kept.entry)
    result.files++
    result.bytes += kept.entry.bytes
    result.written += kept.written
    options.onProgress?.({ step: 'backing up', done: result.files, total, detail: name })
  }

  const acts = await wholeJournal(paths.journal)
  seq.last = acts.lastSeq
  if (acts.end > 0) await take(journal, acts.end)
  const end = await wholeCases(paths.cases)
  if (end > 0) await take(cases, end)
  const rest = (await filesUnder(root)).filter(path => path !== journal && path !== cases)
  total = rest.length + entries.length
  await inParallel(rest, AT_ONCE, path => take(path))
  entries.sort((a, b) => (a.path < b.path ? -1 : 1))
  const madeAt = (options.now?.() ?? new Date()).toISOString()
  const name = await writeManifest(files, target, { madeAt, journalSeq: seq.last, files: entries })
  return { name, ...result, journalSeq: seq.last }
}

function places(root: string, dir: string) {
  const paths = workspacePaths(root)
  const target = resolve(dir)
  const inside = relative(paths.root, target)
  if (inside === '' || (!inside.startsWith('..') && !inside.startsWith(`backups${sep}`)))
    throw new LesionloopError(
      'backup-place',
      `backup: ${dir}: lies in the workspace itself; choose a folder on another disk`,
    )
  return { paths, target }
}

/** Bytes of the journal that hold whole lines, and the last act's number. */
async function wholeJournal(path: string): Promise<{ end: number; lastSeq: number }> {
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return { end: 0, lastSeq: 0 }
  try {
    const bytes = await file.readFile()
    const { lastSeq, torn, unterminated } = replay(bytes, () => undefined)
    // Damage in the middle is kept as it is: restoring mends it as opening does. A half line at the end is not.
    return { end: unterminated || !torn ? bytes.length : torn.offset, lastSeq }
  } finally {
    await file.close()
  }
}

async function wholeCases(path: string): Promise<number> {
  const file = new LineFile(path)
  try {
    return (await scanCases(file, 0, () => undefined)).end
  } finally {
    file.close()
  }
}

async function filesUnder(root: string): Promise<string[]> {
  const found: string[] = []
  async function walk(folder: string): Promise<void> {
    const within: Dirent[] = await readdir(join(root, folder), { withFileTypes: true })
    const isCycle = /^cycles[\\/][^\\/]+$/.test(folder)
    if (isCycle && !within.some(entry => entry.name === 'cycle.json')) return
    for (const entry of within) {
      const path = folder ? join(folder, entry.name) : entry.name
      if (LEFT_OUT.has(path.split(sep).join('/')) || entry.name.endsWith('.tmp')) continue
      if (entry.isDirectory()) await walk(path)
      else if (entry.isFile()) found.push(path)
    }
  }
  await walk('')
  return found.sort()
}

/** Keeps one file in pieces; undefined where it is gone. `end`: only so many of its bytes. */
async function keepFile(of: {
  files: FileOperations
  root: string
  dir: string
  name: string
  known: BackupEntry | undefined
  end?: number
}): Promise<{ entry: BackupEntry; written: number } | undefined> {
  const { files, root, dir, name, known } = of
  const path = join(root, ...name.split('/'))
  const seen = await stat(path).catch(() => undefined)
  if (!seen) return undefined
  const same = known && of.end === undefined && known.bytes === seen.size && known.modified === seen.mtimeMs
  if (same && (await isKept(dir, known))) return { entry: known, written: 0 }
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return undefined
  try {
    const { size, mtimeMs } = await file.stat()
    const bytes = of.end ?? size
    const buffer = Buffer.alloc(Math.min(PIECE, bytes))
    const entry: BackupEntry = { path: name, bytes, modified: mtimeMs, pieces: [] }
    let written = 0
    for (let at = 0; at < bytes; at += PIECE) {
      const length = Math.min(PIECE, bytes - at)
      const { bytesRead } = await file.read(buffer, 0, length, at)
      if (bytesRead < length) throw new Error(`${path}: became shorter while it was copied; back up again`)
      const kept = await keepPiece(files, dir, buffer.subarray(0, length))
      entry.pieces.push(kept.hash)
      written += kept.written
    }
    return { entry, written }
  } finally {
    await file.close()
  }
}

async function isKept(dir: string, { bytes, pieces }: BackupEntry): Promise<boolean> {
  for (const [at, hash] of pieces.entries())
    if (!(await hasPiece(dir, hash, Math.min(PIECE, bytes - at * PIECE)))) return false
  return true
}
