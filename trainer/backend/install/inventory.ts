import { dirname } from 'node:path'
import { cacheFolder } from '../../weights/cache-folder.ts'
import { probeGpu } from '../cuda.ts'
import { backendLayout, readInstallation } from './layout.ts'
import { ADDON_BACKENDS, type AddonBackend } from './libraries.ts'
import { resolveAddon } from './resolve-addon.ts'

/** What is there of an addon's backend. */
export interface InventoryEntry {
  backend: AddonBackend
  /** `npm`: by the addon's ordinary install; `damaged`: lies in the cache, but is not whole. */
  state: 'installed' | 'npm' | 'damaged' | 'absent'
  folder: string | null
  tensorflow: string | null
  bytes: number
  /** What is wrong with it, or stands between it and its GPU. */
  obstacles: string[]
}

export function listBackends(cache = cacheFolder()): InventoryEntry[] {
  return ADDON_BACKENDS.map(backend => {
    const layout = backendLayout(backend, cache)
    const obstacles = backend === 'gpu' ? probeGpu(layout, { libraries: true }).obstacles : []
    const ordinary = resolveAddon(backend)
    const found = readInstallation(layout)
    const entry = { backend, folder: layout.folder, tensorflow: null, bytes: 0, obstacles }
    if (found !== null && typeof found !== 'string') {
      const bytes = Object.values(found.files).reduce((sum, size) => sum + size, 0)
      return { ...entry, state: 'installed', tensorflow: found.tensorflow, bytes }
    }
    if (ordinary !== null) return { ...entry, state: 'npm', folder: dirname(ordinary) }
    if (typeof found === 'string') return { ...entry, state: 'damaged', obstacles: [found, ...obstacles] }
    return { ...entry, state: 'absent', folder: null }
  })
}
