import { promises as fs } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { LesionloopError } from '../errors.ts'
import { inParallel } from '../formats/in-parallel.ts'
import type { FileOperations } from '../workspace/files.ts'
import { AT_ONCE } from './object-store.ts'
import { sealedFolder, sealOf } from './shared-areas.ts'
import type { SharedFiles } from './shared-files.ts'

/**
 * File operations that put what all machines share on the storage before it is in this machine's folder: a write that
 * the storage did not take fails like one that the disk did not take, and leaves nothing.
 */
export function sharedOperations(files: FileOperations, shared: SharedFiles): FileOperations {
  return {
    ...files,
    async open(path, flags) {
      const file = await files.open(path, flags)
      const place = shared.place(path)
      if (place?.sharing !== 'log' || flags !== 'a') return file
      let waiting: Uint8Array[] = []
      return {
        ...file,
        async write(bytes) {
          const taken = await file.write(bytes)
          waiting.push(bytes.slice(0, taken))
          return taken
        },
        async sync() {
          await shared.logs.append(place.key, Buffer.concat(waiting))
          waiting = []
          await file.sync()
        },
      }
    },
    async rename(from, to) {
      const folder = sealedFolder(shared.paths, to)
      if (folder) await putSealed(shared, folder, from)
      else await shared.put(to, from)
      await files.rename(from, to)
    },
    async copy(from, to) {
      await shared.put(to, from)
      await files.copy(from, to)
    },
    async remove(path) {
      const name = relative(shared.paths.root, path).split(sep).join('/')
      // Only uploads go for good; what is taken out of a folder here is still the others'.
      if (name.startsWith('staging/')) await shared.remove(path)
      await files.remove(path)
    },
  }
}

/**
 * Puts a whole folder on the storage, what seals it last: until then it is not there for anybody.
 * @throws LesionloopError `dataset-exists`, `cycle-exists` where another machine took the name.
 */
export async function putSealed(shared: SharedFiles, folder: string, from: string): Promise<void> {
  const seal = sealOf(folder)
  const target = join(shared.paths.root, ...folder.split('/'))
  const [area = '', name = ''] = folder.split('/')
  // A cycle's number was claimed when it was chosen.
  if (area === 'datasets' && !(await shared.claim(folder)))
    throw new LesionloopError(
      'dataset-exists',
      `dataset: ${name}: another machine has or had this name on ${shared.shown}; choose another name`,
      { name },
    )
  const entries = await fs.readdir(from, { recursive: true, withFileTypes: true })
  const inside = entries
    .filter(entry => entry.isFile())
    .map(entry => relative(from, join(entry.parentPath, entry.name)))
    .filter(path => path !== seal)
  await inParallel(inside, AT_ONCE, path => shared.put(join(target, path), join(from, path)))
  await shared.put(join(target, seal), join(from, seal))
}
