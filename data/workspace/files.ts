import { randomBytes } from 'node:crypto'
import { constants, promises as fs } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { LesionloopError, messageOf } from '../errors.ts'

/**
 * The one seam through which all writing goes. Tests put a faulty one in its place (disk full, short writes, EIO) and
 * what stands on the real disk afterwards is looked at; reading goes straight to the file system.
 */
export interface FileOperations {
  /** `a` appends, `w` empties, `wx` fails where the file exists, `r+` writes into an existing one. */
  open(path: string, flags: 'a' | 'w' | 'wx' | 'r+'): Promise<OpenFile>
  rename(from: string, to: string): Promise<void>
  /** Removes a file, or a folder with all in it; nothing there is no error. */
  remove(path: string): Promise<void>
  /** Makes a folder and those above it; there already is no error. */
  makeFolder(path: string): Promise<void>
  /** Makes the folder's entries (a new or renamed file) outlive a power cut. */
  syncFolder(path: string): Promise<void>
  copy(from: string, to: string): Promise<void>
}

export interface OpenFile {
  /** Writes at the end (or the file's position) and tells how many bytes were taken, which may be fewer. */
  write(bytes: Uint8Array): Promise<number>
  sync(): Promise<void>
  size(): Promise<number>
  truncate(size: number): Promise<void>
  close(): Promise<void>
}

export const nodeFiles: FileOperations = {
  async open(path, flags) {
    const handle = await fs.open(path, flags)
    return {
      write: async bytes => (await handle.write(bytes)).bytesWritten,
      sync: () => handle.sync(),
      size: async () => (await handle.stat()).size,
      truncate: size => handle.truncate(size),
      close: () => handle.close(),
    }
  },
  rename: (from, to) => fs.rename(from, to),
  remove: path => fs.rm(path, { recursive: true, force: true }),
  makeFolder: async path => void (await fs.mkdir(path, { recursive: true })),
  async syncFolder(path) {
    // Windows can't open a folder; its renames are durable enough by journalling of the file system.
    if (process.platform === 'win32') return
    const handle = await fs.open(path, constants.O_RDONLY)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  copy: (from, to) => fs.copyFile(from, to),
}

/** Writes all bytes, however few the system takes at a time. */
export async function writeAll(file: OpenFile, bytes: Uint8Array): Promise<void> {
  let offset = 0
  while (offset < bytes.length) {
    const taken = await file.write(offset === 0 ? bytes : bytes.subarray(offset))
    if (taken <= 0) throw new Error('write: the system took 0 bytes')
    offset += taken
  }
}

const bytesOf = (content: string | Uint8Array) =>
  typeof content === 'string' ? Buffer.from(content, 'utf8') : content

/**
 * Writes a file so that whoever reads sees the old content or the new, never half of it, also after a power cut:
 * a temporary file beside it, fsync, rename, fsync of the folder. The folder is made where it is missing.
 */
export function writeFileAtomically(
  files: FileOperations,
  path: string,
  content: string | Uint8Array,
): Promise<void> {
  return writeFilesAtomically(files, [{ path, content }])
}

/**
 * Writes several files so: each appears whole or not at all, and all are on the disk when this resolves. They are
 * renamed when all of them are written, and each folder is synced once, however many of them lie in it: others who wait
 * for the disk wait for less.
 */
export async function writeFilesAtomically(
  files: FileOperations,
  contents: readonly { path: string; content: string | Uint8Array }[],
): Promise<void> {
  const folders = new Set(contents.map(({ path }) => dirname(path)))
  for (const folder of folders) await files.makeFolder(folder)
  const waiting = contents.map(({ path }) => ({
    path,
    temporary: join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`),
  }))
  let renamed = 0
  try {
    for (const [at, { temporary }] of waiting.entries()) {
      const file = await files.open(temporary, 'wx')
      try {
        await writeAll(file, bytesOf(contents[at]!.content))
        await file.sync()
      } finally {
        await file.close()
      }
    }
    for (; renamed < waiting.length; renamed++)
      await files.rename(waiting[renamed]!.temporary, waiting[renamed]!.path)
  } catch (error) {
    for (const { temporary } of waiting.slice(renamed)) await files.remove(temporary).catch(() => undefined)
    throw error
  }
  for (const folder of folders) await files.syncFolder(folder)
}

/**
 * Appends and returns once it is on the disk. A failed append leaves the file as it was (it is cut back), so that
 * no half line stays in its middle.
 */
export async function appendDurably(
  files: FileOperations,
  path: string,
  content: string | Uint8Array,
): Promise<void> {
  const folder = dirname(path)
  await files.makeFolder(folder)
  const file = await files.open(path, 'a')
  try {
    const before = await file.size()
    try {
      await writeAll(file, bytesOf(content))
      await file.sync()
    } catch (error) {
      await file.truncate(before).catch(() => undefined)
      throw error
    }
    if (before === 0) await files.syncFolder(folder)
  } finally {
    await file.close()
  }
}

/** Anything that checks a value: a zod schema, in the first place. */
export interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } }
}

/** Checks a value against a schema; every fault named with its place, in one line. */
export function checked<T>(
  schema: Schema<T>,
  value: unknown,
  what: string,
  todo: string,
  code = 'file-invalid',
): T {
  const outcome = schema.safeParse(value)
  if (outcome.success) return outcome.data
  const faults = outcome.error.issues
    .slice(0, 5)
    .map(issue =>
      issue.path.length ? `${issue.path.map(String).join('.')}: ${issue.message}` : issue.message,
    )
    .join('; ')
  throw new LesionloopError(code, `${what}: ${faults}; ${todo}`, { issues: outcome.error.issues })
}

/**
 * Reads a JSON file, checked where a schema is given.
 * @throws LesionloopError `file-missing`, `file-damaged` (no JSON), `file-invalid` (not as the schema says).
 */
export async function readJson<T = unknown>(path: string, schema?: Schema<T>): Promise<T> {
  const value = await readJsonIfThere(path, schema)
  if (value === undefined)
    throw new LesionloopError('file-missing', `file: ${path}: not found; check the path`, { path })
  return value
}

/** As `readJson`, but undefined where the file isn't there. */
export async function readJsonIfThere<T = unknown>(path: string, schema?: Schema<T>): Promise<T | undefined> {
  let text: string
  try {
    text = await fs.readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new LesionloopError(
      'file-damaged',
      `file: ${path}: not valid JSON (${messageOf(error)}); put back a copy, or remove it where it can be made again`,
      { path },
    )
  }
  return schema ? checked(schema, value, `file: ${path}`, 'put it right, or put back a copy') : (value as T)
}

/** Writes a value as JSON, atomically, indented so that a person can read and compare it. */
export function writeJson(files: FileOperations, path: string, value: unknown): Promise<void> {
  return writeFileAtomically(files, path, `${JSON.stringify(value, null, 2)}\n`)
}
