import type { Workspace } from './open.ts'

/**
 * Where a picture of the workspace can be read: in its folder; brought there first where files are on a storage.
 * @throws LesionloopError `files-absent`, `files-damaged`, `files-lost`, …; nothing where the folder is all there is.
 */
export async function pictureAt(
  workspace: Pick<Workspace, 'paths' | 'shared'>,
  file: string,
): Promise<string> {
  const path = workspace.paths.image(file)
  return workspace.shared ? await workspace.shared.fetch(path) : path
}

/**
 * Brings many pictures here and keeps them until released. One that can't be had is not here: whoever reads it says so.
 */
export async function bringPictures(
  { paths, shared }: Pick<Workspace, 'paths' | 'shared'>,
  files: readonly string[],
  signal?: AbortSignal,
): Promise<{ release(): Promise<void> }> {
  if (!shared) return { release: async () => undefined }
  const held = await shared.hold(files)
  await shared.fetchAll(files.map(paths.image), () => undefined, signal)
  return held
}
