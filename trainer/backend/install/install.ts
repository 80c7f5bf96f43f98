import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import type { RunOptions } from '../../../data/records/job.ts'
import { nodeFiles, writeJson } from '../../../data/workspace/files.ts'
import { packagePath } from '../../../data/workspace/package-root.ts'
import { cacheFolder } from '../../weights/cache-folder.ts'
import { type Compiler, compileBinding, compileProbe, findCompiler, findNodeHeaders } from './compiler.ts'
import { openConnection } from './connection.ts'
import { isCudaMember, linkCudaLibraries, ON_RUNPATH, packagesOfExtra } from './cuda-packages.ts'
import { expectRoom, withDiskFull } from './disk-space.ts'
import { withInstallLock } from './install-lock.ts'
import { layAddon, memberTarget } from './lay-addon.ts'
import { backendLayout, backendsFolder, type InstalledRecord, layoutIn, readInstallation } from './layout.ts'
import { type AddonBackend, type BackendLibrary, LIBRARIES, TFJS_VERSION } from './libraries.ts'
import { unpackPackage } from './npm-package.ts'
import { PUBLIC_INDEX, readPipConfiguration } from './pip-configuration.ts'
import { expectPlatform } from './platform.ts'
import { resolveAddon } from './resolve-addon.ts'
import { testAddon } from './self-test.ts'
import { WheelSource } from './wheel-source.ts'

export interface InstallOptions extends RunOptions {
  /** Address of the package index; else LESIONLOOP_INDEX, pip's own, the public one. */
  index?: string
  /** A folder of wheels and npm tarballs, looked into before index and registry are asked. */
  from?: string
  /** Where installations are kept; the user's cache. */
  cache?: string
  /** What is put together; the pinned releases. */
  library?: BackendLibrary
  /** Pause before a failed request is tried again; later ones are longer. */
  pauseMs?: number
}

export interface Installation {
  backend: AddonBackend
  /** Of the installation, or of the addon as npm installed it. */
  folder: string
  tensorflow: string
  /** Nothing was to be done. */
  already: boolean
  /** `npm`: the addon's ordinary install worked, and is taken. */
  by: 'lesionloop' | 'npm'
}

/** In the staging folder: what is needed for the making only. */
const MAKING = 'making'

/**
 * Puts a backend's addon into the user's cache: the npm package of its sources, libtensorflow out of a wheel, compiled
 * and linked, tried in a process of its own, and only then given its name. A run that was killed is gone on with: whole
 * downloads and unpacked wheels are kept. Where the addon's ordinary install works, or a sound installation is there,
 * it is left at that.
 * @throws LesionloopError `platform-unsupported`, `disk-full`, `index-unreachable`, `wheel-missing`, `wheel-hash`,
 * `wheel-damaged`, `download-damaged`, `package-unreachable`, `package-damaged`, `program-missing`, `compile-failed`,
 * `backend-failed`, `lock-held`.
 */
export async function installBackend(
  name: AddonBackend,
  options: InstallOptions = {},
): Promise<Installation> {
  const layout = backendLayout(name, options.cache ?? cacheFolder())
  const there = (record: InstalledRecord, already: boolean): Installation => {
    return { backend: name, folder: layout.folder, tensorflow: record.tensorflow, already, by: 'lesionloop' }
  }
  const found = readInstallation(layout)
  if (found !== null && typeof found !== 'string') return there(found, true)
  const ordinary = resolveAddon(name)
  const works = ordinary === null ? null : await testAddon(ordinary, options.signal).catch(() => null)
  if (ordinary !== null && works !== null)
    return { backend: name, folder: dirname(ordinary), tensorflow: works, already: true, by: 'npm' }

  expectPlatform()
  const compiler = await findCompiler()
  const backends = dirname(layout.folder)
  return await withInstallLock(backends, async () => {
    const staging = join(backends, `.${basename(layout.folder)}.staging`)
    const { roomBytes } = options.library ?? LIBRARIES[name]
    if (!existsSync(staging)) await expectRoom(backends, roomBytes)
    await mkdir(staging, { recursive: true })
    const record = await withDiskFull(backends, () => make(name, staging, compiler, options))
    // A damaged installation of the same name gives way.
    await rm(layout.folder, { recursive: true, force: true })
    await rename(staging, layout.folder)
    await nodeFiles.syncFolder(backends)
    await rm(join(layout.folder, MAKING), { recursive: true, force: true })
    await rmdir(join(backends, 'downloads')).catch(() => undefined)
    return there(record, false)
  })
}

/** Each step leaves what the next run can go on with; the record comes last. */
async function make(
  name: AddonBackend,
  staging: string,
  compiler: Compiler,
  options: InstallOptions,
): Promise<InstalledRecord> {
  const { library = LIBRARIES[name], signal, onProgress } = options
  const staged = layoutIn(staging, name)
  const making = join(staging, MAKING)
  const downloads = join(dirname(staging), 'downloads')
  const source = join(making, 'addon')
  const include = join(making, 'include')
  const step = (label: string) => {
    signal?.throwIfAborted()
    onProgress?.({ step: label, done: 0, total: null })
  }
  const fetching = {
    downloads: making,
    ...(options.from ? { from: resolve(options.from) } : {}),
    ...(signal ? { signal } : {}),
  }

  step(`fetching ${library.addon}`)
  const addon = { name: library.addon, version: TFJS_VERSION, integrity: library.addonIntegrity }
  await unpackPackage(addon, source, fetching)
  const sources = [{ name: `${addon.name}@${addon.version}`, hash: addon.integrity }]

  const { proxy, certificates } = readPipConfiguration()
  const pause = options.pauseMs === undefined ? {} : { pauseMs: options.pauseMs }
  const connection = openConnection({ proxy, certificates, ...pause })
  try {
    const folders = { downloads, markers: join(making, 'unpacked') }
    const wheels = new WheelSource(connection, indexesOf(options), folders, { ...options, ...fetching })
    const main = await wheels.unpack(library.wheel, member => memberTarget(member, staged, include))
    sources.push(main.source)
    const cuda = library.extra === undefined ? [] : packagesOfExtra(main.metadata, library.extra)
    const target = (member: string) => (isCudaMember(member) ? join(staging, 'site', member) : null)
    for (const wheel of cuda) sources.push((await wheels.unpack(wheel, target)).source)
    if (cuda.length > 0) await linkCudaLibraries(staged)
  } finally {
    await connection.close()
  }

  step('compiling the addon')
  await layAddon(source, staged)
  const paths = {
    sources: join(source, 'binding'),
    nodeHeaders: await findNodeHeaders({ ...fetching, into: join(making, 'node-headers') }),
    include,
    tensorflow: staged.tensorflow,
    output: staged.binding,
    runpath: relative(dirname(staged.binding), staged.tensorflow),
  }
  await compileBinding(compiler, paths, signal)
  if (library.extra !== undefined) {
    const probe = packagePath('trainer', 'backend', 'install', 'cuda-probe.cc')
    const runpaths = ['../site/tensorflow', ...ON_RUNPATH.map(part => `../site/nvidia/${part}/lib`)]
    await compileProbe(compiler, { source: probe, output: staged.probe, runpaths }, signal)
  }

  step('trying the addon')
  const tensorflow = await testAddon(staged.addon, signal)
  const record: InstalledRecord = {
    format: 1,
    backend: name,
    tfjs: TFJS_VERSION,
    tensorflow,
    sources,
    compiler: compiler.version,
    files: await sizesOf(staging),
  }
  await writeJson(nodeFiles, staged.record, record)
  return record
}

/** --index, else LESIONLOOP_INDEX, else pip's, else the public one. */
function indexesOf({ index }: InstallOptions): string[] {
  const named = index ?? process.env['LESIONLOOP_INDEX']
  if (named) return [named]
  const { indexes } = readPipConfiguration()
  return indexes.length > 0 ? indexes : [PUBLIC_INDEX]
}

async function sizesOf(folder: string): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, path)
    if (entry.isFile() && !name.startsWith(join(MAKING, sep)) && name !== 'installed.json')
      sizes[name] = (await stat(path)).size
  }
  return Object.fromEntries(Object.entries(sizes).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * Takes an installation away, and what an unfinished one left.
 * @returns whether there was anything.
 */
export async function removeBackend(name: AddonBackend, cache = cacheFolder()): Promise<boolean> {
  const backends = backendsFolder(cache)
  if (!existsSync(backends)) return false
  return await withInstallLock(backends, async () => {
    // Of other releases too: an older lesionloop's would lie there for ever.
    const mine = (await readdir(backends)).filter(
      entry => entry.startsWith(`${name}-`) || (entry.startsWith(`.${name}-`) && entry.endsWith('.staging')),
    )
    for (const entry of mine) await rm(join(backends, entry), { recursive: true, force: true })
    await rm(join(backends, 'downloads'), { recursive: true, force: true })
    return mine.length > 0
  })
}
