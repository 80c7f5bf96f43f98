import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { LesionloopError } from '../errors.ts'
import { type FileOperations, readJson, writeJson } from '../workspace/files.ts'
import { sha256 } from './pieces.ts'

const entrySchema = z.strictObject({
  /** In the workspace, with slashes. */
  path: z
    .string()
    .min(1)
    .refine(
      path => !/\\|\0|^\/|^[a-z]:/i.test(path) && !path.split('/').includes('..'),
      'not a path inside a workspace',
    ),
  bytes: z.int().min(0),
  /** When the file was last changed, in ms since 1970: one that is as it was is not read again. */
  modified: z.number(),
  /** SHA-256 of each piece of 4 MiB. */
  pieces: z.array(z.string().regex(/^[0-9a-f]{64}$/)),
})
export type BackupEntry = z.infer<typeof entrySchema>

const manifestSchema = z.strictObject({
  lesionloopBackup: z.literal(1),
  /** ISO 8601. */
  madeAt: z.string(),
  /** The last human act that is in it; 0: none. */
  journalSeq: z.int().min(0),
  files: z.array(entrySchema),
  /** SHA-256 of `files` as JSON: a changed manifest is refused. */
  sha256: z.string(),
})
export type BackupManifest = z.infer<typeof manifestSchema>

const folderOf = (dir: string) => join(dir, 'backups')

/** Names of the whole backups in a folder, oldest first. */
export async function listBackups(dir: string): Promise<string[]> {
  const names = await readdir(folderOf(dir)).catch(() => [])
  return names
    .filter(name => /^\d.*\.json$/.test(name))
    .map(name => name.slice(0, -'.json'.length))
    .sort()
}

/** Writes the manifest: only now the backup is one. @returns its name. */
export async function writeManifest(
  files: FileOperations,
  dir: string,
  content: Omit<BackupManifest, 'sha256' | 'lesionloopBackup'>,
): Promise<string> {
  const name = content.madeAt.replace(/[:.]/g, '-')
  const manifest: BackupManifest = {
    lesionloopBackup: 1,
    ...content,
    sha256: sha256(JSON.stringify(content.files)),
  }
  await writeJson(files, join(folderOf(dir), `${name}.json`), manifest)
  return name
}

/** @throws LesionloopError `backup-missing`, `backup-damaged`, `file-damaged`, `file-invalid`. */
export async function readManifest(
  dir: string,
  name?: string,
): Promise<{ name: string; manifest: BackupManifest }> {
  const names = await listBackups(dir)
  const chosen = name ?? names.at(-1)
  if (chosen === undefined || !names.includes(chosen))
    throw new LesionloopError(
      'backup-missing',
      `backup: ${name ?? dir}: ${names.length > 0 ? `expected one of ${names.join(', ')}` : 'no whole backup in this folder'}; give the folder that \`lesionloop backup\` wrote`,
    )
  const manifest = await readJson<BackupManifest>(join(folderOf(dir), `${chosen}.json`), manifestSchema)
  if (sha256(JSON.stringify(manifest.files)) !== manifest.sha256)
    throw new LesionloopError(
      'backup-damaged',
      `backup: ${chosen}: its list of files was changed since; restore another: ${names.join(', ')}`,
    )
  return { name: chosen, manifest }
}
