import { LesionloopError } from '../errors.ts'
import { filesOf } from '../files/files-address.ts'
import type { SharedFiles } from '../files/shared-files.ts'
import { databaseOf } from '../stores/database-address.ts'
import { type FileOperations, readJsonIfThere } from './files.ts'
import type { WorkspacePaths } from './paths.ts'

/** Sets how much pictures may take on this machine, for processes that take no option. */
export const CACHE_VARIABLE = 'LESIONLOOP_CACHE_BYTES'

/**
 * The storage of a workspace's files, where one is set, and file operations that write there. What others wrote is
 * brought here.
 * @throws LesionloopError `files-address`, `files-alone` where cases and labels would stay on one machine, `files-…`.
 */
export async function shareWith(
  paths: WorkspacePaths,
  own: FileOperations,
  { cacheBytes }: { cacheBytes?: number } = {},
): Promise<{ shared: SharedFiles; files: FileOperations } | undefined> {
  const here = await readJsonIfThere<{ settings?: Record<string, string> }>(paths.workspaceFile).catch(
    () => undefined,
  )
  const settings = here?.settings ?? {}
  const address = filesOf({ settings })
  if (!address) return undefined
  if (!databaseOf({ settings }))
    throw new LesionloopError(
      'files-alone',
      `files: ${address.shown}: pictures would be there for all machines, cases and labels on this one alone; give --database postgres://… too`,
    )
  // Loaded only where files are shared.
  const { openObjects } = await import('../files/open-objects.ts')
  const { SharedFiles } = await import('../files/shared-files.ts')
  const { sharedOperations } = await import('../files/shared-operations.ts')
  const limit = cacheBytes ?? (Number(process.env[CACHE_VARIABLE]) || undefined)
  const shared = new SharedFiles(
    paths,
    await openObjects(address),
    limit === undefined ? {} : { cacheBytes: limit },
  )
  // Before anything is read: a new folder gets the workspace's own file.
  await shared.pull()
  return { shared, files: sharedOperations(own, shared) }
}
