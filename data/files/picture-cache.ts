import { promises as fs } from 'node:fs'
import { basename, join } from 'node:path'
import type { KnownFiles } from './known-files.ts'
import type { ObjectStore } from './object-store.ts'

/** Emptied down to this share of its size, so that not every further picture empties it again. */
const DOWN_TO = 0.9
/** Somebody who was just given a picture's path opens it within this. */
const JUST_USED_MS = 60_000

interface CacheOptions {
  /** Folder of the pictures. */
  folder: string
  /** Where processes of this machine say which pictures they need for now. */
  held: string
  /** Bytes that pictures may take here; undefined: as many as there are. */
  limit: number | undefined
  objects: ObjectStore
  known: KnownFiles
  justUsedMs?: number
}

/**
 * Keeps the pictures of this machine under a size: those that were not used for longest go. Never one that a running
 * process holds, and never one of which the storage has no equal copy.
 */
export class PictureCache {
  readonly #of: CacheOptions
  #bytes: number | undefined
  #running: Promise<void> | undefined
  #holds = 0

  constructor(of: CacheOptions) {
    this.#of = of
  }

  /** A picture came; whoever fetched it is about to open it, so that others go first. */
  async added(path: string, bytes: number): Promise<void> {
    const { limit } = this.#of
    if (limit === undefined) return
    this.#bytes = this.#bytes === undefined ? (await this.#look()).bytes : this.#bytes + bytes
    if (this.#bytes > limit) {
      this.#running ??= this.#empty(limit, basename(path)).finally(() => {
        this.#running = undefined
      })
      await this.#running
    }
  }

  /** Notes that a picture was used, without changing the time by which its content is known. */
  async used(path: string): Promise<void> {
    if (this.#of.limit === undefined) return
    const found = await fs.stat(path).catch(() => undefined)
    if (found) await fs.utimes(path, new Date(), found.mtime).catch(() => undefined)
  }

  /** Keeps these file names here until released, or until this process ends. */
  async hold(files: Iterable<string>): Promise<{ release(): Promise<void> }> {
    await fs.mkdir(this.#of.held, { recursive: true })
    const path = join(this.#of.held, `${process.pid}-${Date.now()}-${++this.#holds}.json`)
    await fs.writeFile(path, JSON.stringify([...files]))
    return { release: () => fs.rm(path, { force: true }) }
  }

  async #look(): Promise<{ bytes: number; files: { name: string; bytes: number; used: number }[] }> {
    const names = await fs.readdir(this.#of.folder).catch(() => [] as string[])
    const files: { name: string; bytes: number; used: number }[] = []
    let bytes = 0
    for (const name of names) {
      const found = name.startsWith('.')
        ? undefined
        : await fs.stat(join(this.#of.folder, name)).catch(() => undefined)
      if (!found) continue
      bytes += found.size
      files.push({ name, bytes: found.size, used: found.atimeMs })
    }
    return { bytes, files }
  }

  async #heldFiles(): Promise<Set<string>> {
    const all = new Set<string>()
    for (const name of await fs.readdir(this.#of.held).catch(() => [] as string[])) {
      const path = join(this.#of.held, name)
      if (!isAlive(Number(name.split('-')[0]))) {
        await fs.rm(path, { force: true })
        continue
      }
      const files = await fs.readFile(path, 'utf8').then(
        text => JSON.parse(text) as string[],
        () => [],
      )
      for (const file of files) all.add(file)
    }
    return all
  }

  async #empty(limit: number, newest: string): Promise<void> {
    const { bytes, files } = await this.#look()
    this.#bytes = bytes
    const held = await this.#heldFiles()
    const before = Date.now() - (this.#of.justUsedMs ?? JUST_USED_MS)
    for (const { name, bytes: size, used } of files.sort((a, b) => a.used - b.used)) {
      if (this.#bytes <= limit * DOWN_TO) return
      if (name === newest || held.has(name) || used > before || !(await this.#isOnStorage(name))) continue
      await fs.rm(join(this.#of.folder, name), { force: true })
      await this.#of.known.forget(`images/${name}`)
      this.#bytes -= size
    }
  }

  async #isOnStorage(name: string): Promise<boolean> {
    const key = `images/${name}`
    if (!(await this.#of.known.isSame(key, join(this.#of.folder, name)))) return false
    return (await this.#of.objects.head(key))?.sha256 === this.#of.known.get(key)?.sha256
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
