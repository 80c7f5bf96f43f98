import { readdir, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { isOurs, isPackage } from './input-units.ts'

/** What is taken from folders; a file named outright is tried whatever its name. */
const MINED = new Set(['.pdf', '.jsonl', '.ndjson', '.csv', '.tsv', '.txt', '.nxml', '.dcm'])

/** Files named, and those of our formats in folders named, sorted, each once. */
export async function inputFiles(paths: readonly string[]): Promise<string[]> {
  const files = new Set<string>()
  for (const path of paths) {
    const folder = await stat(path).then(
      found => found.isDirectory(),
      () => false,
    )
    if (!folder) files.add(path)
    else
      for (const entry of (await readdir(path, { recursive: true, withFileTypes: true })).sort((a, b) =>
        join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1,
      ))
        if (entry.isFile() && (await isMined(join(entry.parentPath, entry.name))))
          files.add(join(entry.parentPath, entry.name))
  }
  return [...files]
}

const isMined = async (path: string) =>
  MINED.has(extname(path).toLowerCase()) || isPackage(path) || (await isOurs(path))

/**
 * The order in which files are taken in, whatever the order they were given in: by name, without its ending, so that
 * "paper" comes before "paper-supplement" and is the one that gets the DOI both print.
 */
export function takenInOrder(files: readonly string[]): string[] {
  const keyed = files.map(path => ({ path, stem: basename(path, extname(path)) }))
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  return keyed.sort((a, b) => compare(a.stem, b.stem) || compare(a.path, b.path)).map(({ path }) => path)
}
