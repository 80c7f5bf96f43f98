import { existsSync } from 'node:fs'
import { z } from 'zod'
import { LesionloopError } from '../errors.ts'
import type { SharedFiles } from '../files/shared-files.ts'
import { checked, type FileOperations, nodeFiles, readJsonIfThere, writeJson } from './files.ts'
import { FORMAT, migrate, type WorkspaceFile } from './migrations.ts'
import { type WorkspacePaths, workspacePaths } from './paths.ts'
import { shareWith } from './share.ts'

/** What a curator sets for all who work here; unknown settings of other versions are kept. */
export const settingsSchema = z.looseObject({
  /** Reviewed cases to reach. */
  goal: z.int().min(1).optional(),
  /** Whether what the text said is proposed to the annotator; false: blind reading. */
  showText: z.boolean().optional(),
  /** Whether the model's opinion is proposed where the text is silent. */
  showModel: z.boolean().optional(),
  /** Share of the cases that are decided without seeing what the text says and the model thinks. */
  blindShare: z.number().min(0).max(1).optional(),
  /** Share of a reader's cases that come again, and after how many other decisions of theirs. */
  repeatShare: z.number().min(0).max(1).optional(),
  repeatAfter: z.int().min(1).optional(),
  /** Address of the PostgreSQL that keeps cases, labels, people and jobs; never with a password. */
  database: z.string().optional(),
  /** Address of the storage that keeps the files for all machines; never with credentials. */
  files: z.string().optional(),
  /** Set where the demo corpus was put in: `begun` until its first cycle is sealed. */
  demo: z.enum(['begun', 'done']).optional(),
})
export type WorkspaceSettings = z.infer<typeof settingsSchema>

const workspaceSchema = z.looseObject({
  format: z.int().min(1),
  createdAt: z.string(),
  settings: settingsSchema,
})

export interface Workspace {
  /** The folder, absolute. */
  dir: string
  paths: WorkspacePaths
  settings: WorkspaceSettings
  createdAt: string
  files: FileOperations
  /** The storage of the files that all machines share, where one is set: what is here is a copy of what is needed. */
  shared?: SharedFiles
}

export interface OpenOptions {
  /** Makes the workspace where there is none (in an empty or missing folder, or beside other files). */
  create?: boolean
  files?: FileOperations
  now?: () => Date
  /** False: this machine's folder alone is meant, whatever storage is set. */
  shared?: boolean
  /** Bytes that pictures from the storage may take in this machine's folder. */
  cacheBytes?: number
}

/**
 * Opens a workspace folder; an older format is migrated (with a copy of its workspace.json), a newer one refused.
 * Takes no lock: see locks.ts.
 * @throws LesionloopError `workspace-missing`, `workspace-newer`, `workspace-format`, `file-damaged`, `file-invalid`.
 */
export async function openWorkspace(dir: string, options: OpenOptions = {}): Promise<Workspace> {
  const paths = workspacePaths(dir)
  const own = options.files ?? nodeFiles
  // A machine's new folder: the storage may have the workspace's file.
  const storage = options.shared === false ? undefined : await shareWith(paths, own, options)
  const files = storage?.files ?? own
  let content = await readJsonIfThere<WorkspaceFile>(paths.workspaceFile)
  if (content === undefined) {
    if (!options.create) throw missing(dir)
    content = { format: FORMAT, createdAt: (options.now?.() ?? new Date()).toISOString(), settings: {} }
    await writeJson(files, paths.workspaceFile, content)
  }
  const what = `workspace: ${paths.workspaceFile}`
  const todo = 'put back a copy of the file, or make a new workspace elsewhere'
  checked(z.looseObject({ format: z.int().min(1) }), content, what, todo)
  const { createdAt, settings } = checked(
    workspaceSchema,
    await migrate(paths.root, content, files),
    what,
    todo,
  )
  const workspace: Workspace = { dir: paths.root, paths, settings, createdAt, files }
  if (storage) workspace.shared = storage.shared
  return workspace
}

/** Reads the settings again: another machine may have changed them. */
export async function rereadSettings(workspace: Workspace): Promise<void> {
  const content = await readJsonIfThere(workspace.paths.workspaceFile, workspaceSchema)
  if (content) workspace.settings = content.settings
}

/** Changes settings: in the file, and in the workspace given. A value of undefined takes a setting away. */
export async function changeSettings(
  workspace: Workspace,
  change: Partial<WorkspaceSettings>,
): Promise<void> {
  const content = (await readJsonIfThere<WorkspaceFile>(workspace.paths.workspaceFile)) ?? { format: FORMAT }
  const settings = checked(
    settingsSchema,
    { ...(content['settings'] as object), ...change },
    'settings',
    'nothing was changed',
    'settings-invalid',
  )
  await writeJson(workspace.files, workspace.paths.workspaceFile, { ...content, settings })
  workspace.settings = settings
}

function missing(dir: string): LesionloopError {
  const why = existsSync(dir) ? 'no workspace.json in this folder' : 'no such folder'
  return new LesionloopError(
    'workspace-missing',
    `workspace: ${dir}: ${why}; make one with \`lesionloop demo --workspace ${dir}\`, \`lesionloop import covid-ct FOLDER --workspace ${dir}\` or \`lesionloop mine FILE.pdf --workspace ${dir}\``,
    { dir },
  )
}
