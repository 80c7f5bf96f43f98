import { stat } from 'node:fs/promises'

/** Changes whenever a file or folder is written anew; null where it is not there. */
export async function fileStamp(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => null)
  return found && `${found.ino} ${found.size} ${found.mtimeMs}`
}
