import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { z } from 'zod'
import { LesionloopError } from '../errors.ts'
import { type ExportOptions, exportCases } from '../formats/export-cases.ts'
import type { CaseState } from '../records/case.ts'
import { readJson, writeJson } from '../workspace/files.ts'
import { withLock } from '../workspace/locks.ts'
import type { Workspace } from '../workspace/open.ts'
import { hashOfFile } from './hash-file.ts'

export const manifest = z.object({
  format: z.literal(1),
  name: z.string(),
  /** SHA-256 over every file's path and hash: two versions with the same content have the same. */
  sha256: z.string(),
  frozenAt: z.string(),
  by: z.string().optional(),
  cases: z.int().min(0),
  images: z.int().min(0),
  leftOut: z.record(z.string(), z.int()),
  files: z.array(z.object({ path: z.string(), sha256: z.string(), bytes: z.int().min(0) })),
})
/** datasets/<name>/manifest.json, written last. */
export type Manifest = z.infer<typeof manifest>

const MANIFEST = 'manifest.json'
/** The rows of a frozen version. */
export const CASES = 'cases.jsonl'

/** @throws LesionloopError `dataset-name`. */
export function checkName(name: string): void {
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name) && !name.endsWith('.')) return
  throw new LesionloopError(
    'dataset-name',
    `dataset: ${name}: expected up to 64 small letters, digits, dots, dashes and underscores, such as 2026-11 or v1.0`,
    { name },
  )
}

/** @throws LesionloopError `dataset-name`, `dataset-exists`. */
export function refuseTaken(workspace: Workspace, name: string): void {
  checkName(name)
  if (existsSync(workspace.paths.dataset(name)))
    throw new LesionloopError(
      'dataset-exists',
      `dataset: ${name}: there already, and a frozen version never changes; choose another name`,
      { name },
    )
}

/**
 * Makes a version that never changes: the rows, the pictures, card, Croissant file and checksums, and a manifest with
 * the hash of each. Whole or not at all: it is made beside its place and takes it by one rename.
 * @throws LesionloopError `dataset-exists`, `dataset-name`, `dataset-empty`, `lock-held`.
 */
export async function freezeDataset(
  workspace: Workspace,
  name: string,
  cases: AsyncIterable<CaseState> | Iterable<CaseState>,
  options: ExportOptions & { by?: string; now?: () => Date } = {},
): Promise<Manifest> {
  checkName(name)
  return await withLock(workspace, 'datasets', async () => {
    refuseTaken(workspace, name)
    const place = workspace.paths.dataset(name)
    const making = join(workspace.paths.datasets, `.${name}.${randomBytes(6).toString('hex')}.tmp`)
    const { files } = workspace
    try {
      // The folder's name is that of its only table.
      const exported = await exportCases(workspace, 'jsonl', join(making, 'cases'), cases, {
        ...options,
        name,
      })
      if (exported.exported === 0)
        throw new LesionloopError(
          'dataset-empty',
          `dataset: ${name}: no case goes out by this choice; take off a filter`,
        )
      const made: Manifest['files'] = []
      for (const path of await filesBelow(join(making, 'cases'))) {
        const at = join(making, 'cases', path)
        made.push({ path, sha256: await hashOfFile(at), bytes: (await stat(at)).size })
      }
      const record: Manifest = {
        format: 1,
        name,
        sha256: contentHash(made),
        frozenAt: (options.now?.() ?? new Date()).toISOString(),
        ...(options.by === undefined ? {} : { by: options.by }),
        cases: exported.exported,
        images: exported.images,
        leftOut: exported.leftOut,
        files: made,
      }
      await writeJson(files, join(making, 'cases', MANIFEST), record)
      await files.rename(join(making, 'cases'), place)
      await files.syncFolder(workspace.paths.datasets)
      return record
    } finally {
      await files.remove(making)
    }
  })
}

/** The frozen versions, by name. */
export async function listDatasets(workspace: Workspace): Promise<Manifest[]> {
  if (!existsSync(workspace.paths.datasets)) return []
  const names = (await readdir(workspace.paths.datasets)).filter(
    name => !name.startsWith('.') && existsSync(join(workspace.paths.datasets, name, MANIFEST)),
  )
  return await Promise.all(names.sort().map(name => readManifest(workspace, name)))
}

/** @throws LesionloopError `dataset-unknown`, `file-damaged`, `file-invalid`. */
export async function readManifest(workspace: Workspace, name: string): Promise<Manifest> {
  checkName(name)
  const path = join(workspace.paths.dataset(name), MANIFEST)
  if (!existsSync(path))
    throw new LesionloopError(
      'dataset-unknown',
      `dataset: ${name}: no such frozen version; \`lesionloop dataset list\` names those there are`,
      { name },
    )
  return await readJson(path, manifest)
}

/** What became of a version since it was frozen; all three empty: nothing. */
export interface Verification {
  name: string
  files: number
  changed: string[]
  missing: string[]
  /** Files that were put beside it later. */
  extra: string[]
}

/** Reads every file of a version again and compares it with the manifest, and the manifest with itself. */
export async function verifyDataset(workspace: Workspace, name: string): Promise<Verification> {
  const record = await readManifest(workspace, name)
  const folder = workspace.paths.dataset(name)
  // What can't be had is missing.
  await workspace.shared?.fetchAll(
    record.files.map(({ path }) => join(folder, path)),
    () => undefined,
  )
  const there = new Set(await filesBelow(folder))
  there.delete(MANIFEST)
  const outcome: Verification = { name, files: record.files.length, changed: [], missing: [], extra: [] }
  if (contentHash(record.files) !== record.sha256) outcome.changed.push(MANIFEST)
  for (const { path, sha256 } of record.files) {
    if (!there.delete(path)) outcome.missing.push(path)
    else if ((await hashOfFile(join(folder, path))) !== sha256) outcome.changed.push(path)
  }
  outcome.extra.push(...there)
  return outcome
}

const contentHash = (files: Manifest['files']) =>
  createHash('sha256')
    .update(files.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join(''))
    .digest('hex')

/** Paths with slashes, sorted. */
async function filesBelow(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter(entry => !entry.isDirectory())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}
