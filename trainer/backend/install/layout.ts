import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '../../weights/cache-folder.ts'
import { type AddonBackend, LIBRARIES, TENSORFLOW_VERSION, TFJS_VERSION } from './libraries.ts'

/**
 * Where an installation lies, for this user and these versions:
 *
 *     backends/native-4.22.0-2.18.1/
 *       installed.json             what it is made of; written last: without it there is no installation
 *       node_modules/@tensorflow/
 *         tfjs-node/dist/          the addon's JavaScript
 *         tfjs-node/lib/           tfjs_binding.node, compiled here
 *         tfjs/, tfjs-core/        hand the addon the core of lesionloop, so that there is one engine and no double
 *       site/tensorflow/           libtensorflow, as in a Python's site-packages: its RUNPATH starts from there
 *       site/nvidia/<part>/lib/    CUDA (gpu)
 *       bin/cuda-probe             asks the driver for its devices (gpu)
 */
export interface BackendLayout {
  folder: string
  /** `installed.json`. */
  record: string
  /** The addon's package folder. */
  addon: string
  binding: string
  tensorflow: string
  nvidia: string
  probe: string
}

export function backendsFolder(cache = cacheFolder()): string {
  return join(cache, 'backends')
}

export function backendLayout(name: AddonBackend, cache = cacheFolder()): BackendLayout {
  return layoutIn(join(backendsFolder(cache), `${name}-${TFJS_VERSION}-${TENSORFLOW_VERSION}`), name)
}

/** The same paths in another folder: that of an installation in the making. */
export function layoutIn(folder: string, name: AddonBackend): BackendLayout {
  const addon = join(folder, 'node_modules', ...LIBRARIES[name].addon.split('/'))
  return {
    folder,
    record: join(folder, 'installed.json'),
    addon,
    binding: join(addon, 'lib', 'napi-v8', 'tfjs_binding.node'),
    tensorflow: join(folder, 'site', 'tensorflow'),
    nvidia: join(folder, 'site', 'nvidia'),
    probe: join(folder, 'bin', 'cuda-probe'),
  }
}

/** What an installation is made of. */
export interface InstalledRecord {
  format: 1
  backend: AddonBackend
  tfjs: string
  tensorflow: string
  /** Each wheel and package with its hash. */
  sources: { name: string; hash: string }[]
  compiler: string
  /** Every file with its size, by path in the folder: a copy that was cut short is told from a sound one. */
  files: Record<string, number>
}

/**
 * The record of a sound installation; a string that says what is wrong with it; null where there is none.
 */
export function readInstallation({ folder, record }: BackendLayout): InstalledRecord | string | null {
  if (!existsSync(record)) return null
  let read: InstalledRecord
  try {
    read = JSON.parse(readFileSync(record, 'utf8')) as InstalledRecord
  } catch {
    return 'its installed.json is damaged'
  }
  if (read.format !== 1) return `it has format ${read.format}, this lesionloop knows 1`
  for (const [path, size] of Object.entries(read.files)) {
    const found = statSync(join(folder, path), { throwIfNoEntry: false })
    if (!found) return `${path} is missing`
    if (found.size !== size) return `${path} has ${found.size} bytes of ${size}`
  }
  return read
}
