import { join } from 'node:path'
import { backupWorkspace } from '../backup/backup.ts'
import { LesionloopError } from '../errors.ts'
import { type FileOperations, writeJson } from './files.ts'

/** The format this version writes. Raise it together with a line in MIGRATIONS. */
export const FORMAT = 1

export interface WorkspaceFile {
  format: number
  [field: string]: unknown
}

/** Turns a workspace of format `from` into `from + 1`: changes files under `root`, gives back workspace.json's content. */
export interface Migration {
  from: number
  what: string
  run(root: string, content: WorkspaceFile, files: FileOperations): Promise<WorkspaceFile>
}

export const MIGRATIONS: readonly Migration[] = []

/**
 * Brings a workspace up to `target`, after a backup of it under backups/ (see restore.ts) and a copy of the old
 * workspace.json beside it. A newer format is refused.
 * @throws LesionloopError `workspace-newer`, `workspace-format`.
 */
export async function migrate(
  root: string,
  content: WorkspaceFile,
  files: FileOperations,
  { migrations = MIGRATIONS, target = FORMAT }: { migrations?: readonly Migration[]; target?: number } = {},
): Promise<WorkspaceFile> {
  if (content.format > target)
    throw new LesionloopError(
      'workspace-newer',
      `workspace: ${root}: format ${content.format}: this lesionloop reads up to format ${target}; install a newer lesionloop`,
      { root, format: content.format, supported: target },
    )
  if (content.format === target) return content
  await backupWorkspace(root, join(root, 'backups', `before-format-${target}`), files)
  await writeJson(files, join(root, `workspace.format-${content.format}.json`), content)
  let now = content
  while (now.format < target) {
    const step = migrations.find(migration => migration.from === now.format)
    if (!step)
      throw new LesionloopError(
        'workspace-format',
        `workspace: ${root}: format ${now.format}: no way is known from it to format ${target}; open it once with the lesionloop that made it, or start a new workspace`,
        { root, format: now.format },
      )
    now = { ...(await step.run(root, now, files)), format: step.from + 1 }
    await writeJson(files, join(root, 'workspace.json'), now)
  }
  return now
}
