import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path'
import type { Workspace } from '../data/workspace/open.ts'
import { DETAILS_FILE } from '../extractor/fetch/details.ts'
import type { InputUnit } from '../extractor/mine/input-units.ts'

/**
 * Paths by which workers on other machines find the files. On a disk that all see they are what they are; where files are
 * on a storage they are put there first, under staging/, with what lies beside them and may belong to them.
 */
export async function seenByWorkers(workspace: Workspace, paths: readonly string[]): Promise<string[]> {
  const full = paths.map(path => resolve(path))
  if (!workspace.shared) return full
  const batch = join(workspace.paths.staging, randomBytes(8).toString('hex'))
  const staged: string[] = []
  for (const [at, path] of full.entries()) {
    const to = join(batch, String(at))
    const isFolder = (await stat(path)).isDirectory()
    const folder = isFolder ? path : dirname(path)
    for (const name of isFolder ? await filesUnder(path) : await belongingTo(path)) {
      await workspace.files.makeFolder(dirname(join(to, name)))
      await workspace.files.copy(join(folder, name), join(to, name))
    }
    staged.push(isFolder ? to : join(to, basename(path)))
  }
  return staged
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)))
}

/** A PDF and what has its name; of an article's XML, a text or a slice whatever lies in its folder. */
async function belongingTo(path: string): Promise<string[]> {
  const names = (await readdir(dirname(path), { withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(({ name }) => name)
  const ending = extname(path).toLowerCase()
  if (!['.pdf', '.gz', '.tgz'].includes(ending)) return names
  const stem = basename(path, extname(path))
  return names.filter(name => name === DETAILS_FILE || basename(name, extname(name)) === stem)
}

/** Brings the files under a path of staging/ here, where they are on a storage and not on this machine. */
export async function bringFolder({ shared, paths }: Workspace, path: string): Promise<void> {
  const place = isStaged(paths.staging, path) ? shared?.place(path) : undefined
  if (!shared || !place) return
  for await (const { key } of shared.objects.list(place.key))
    if (key === place.key || key.startsWith(`${place.key}/`))
      await shared.fetch(join(paths.root, ...key.split('/')))
}

/** Brings a unit's files here, and what may belong to it. */
export async function bringUnit(workspace: Workspace, unit: InputUnit): Promise<void> {
  const { shared, paths } = workspace
  if (!shared || !isStaged(paths.staging, unit.path)) return
  for (const path of [unit.path, unit.article, ...(unit.slices ?? [])])
    if (path !== undefined && !existsSync(path)) await shared.fetch(path)
  const needsAll = unit.kind === 'article' || unit.kind === 'text' || unit.article !== undefined
  if (needsAll) return await bringFolder(workspace, dirname(unit.path))
  const details = join(dirname(unit.path), DETAILS_FILE)
  const place = shared.place(details)
  if (!existsSync(details) && place && (await shared.objects.head(place.key))) await shared.fetch(details)
}

const isStaged = (staging: string, path: string) => path.startsWith(staging + sep)
