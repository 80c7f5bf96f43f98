import { randomBytes } from 'node:crypto'
import { existsSync, promises as fs } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { hashOfFile } from '../datasets/hash-file.ts'
import { inParallel } from '../formats/in-parallel.ts'
import { nodeFiles, readJson, writeFileAtomically } from '../workspace/files.ts'
import type { WorkspacePaths } from '../workspace/paths.ts'
import { absentObject, changedElsewhere } from './failures.ts'
import { KnownFiles } from './known-files.ts'
import { LogParts } from './log-parts.ts'
import { mergedRecord } from './merge-records.ts'
import { AT_ONCE, type ObjectInfo, ObjectRace, type ObjectStore } from './object-store.ts'
import { PictureCache } from './picture-cache.ts'
import { type Pulled, pullAll } from './pull.ts'
import { type SharedPlace, sharedPlace } from './shared-areas.ts'

const TRIES = 5

export interface SharedOptions {
  /** Bytes that pictures may take on this machine; undefined: as many as there are. */
  cacheBytes?: number
  /** How long a picture stays after it was asked for, in milliseconds. */
  justUsedMs?: number
}

/**
 * A workspace's files on a storage that several machines use; this machine's folder is a copy of what it needs. What is
 * written goes to the storage first and then into the folder, so that nothing is named anywhere that others can't read.
 */
export class SharedFiles {
  readonly objects: ObjectStore
  readonly known: KnownFiles
  readonly logs: LogParts
  readonly paths: WorkspacePaths
  readonly #cache: PictureCache
  readonly #coming = new Map<string, Promise<void>>()
  #pulling: Promise<Pulled> | undefined
  #next: Promise<Pulled> | undefined

  constructor(paths: WorkspacePaths, objects: ObjectStore, options: SharedOptions = {}) {
    const own = join(paths.root, '.shared')
    this.paths = paths
    this.objects = objects
    this.known = new KnownFiles(own)
    this.logs = new LogParts(join(own, 'logs'), objects)
    this.#cache = new PictureCache({
      folder: paths.images,
      held: join(own, 'held'),
      limit: options.cacheBytes,
      objects,
      known: this.known,
      ...(options.justUsedMs === undefined ? {} : { justUsedMs: options.justUsedMs }),
    })
  }

  get shown(): string {
    return this.objects.shown
  }

  /** Where a path is on the storage; undefined for what stays on this machine. */
  place(path: string): SharedPlace | undefined {
    return sharedPlace(this.paths, path)
  }

  /**
   * Makes sure that a file is here and whole, and gives its path back. A damaged one is fetched again; one that is here
   * and was never put on the storage is left as it is.
   * @param newest looks whether the object is another now, also of what is seldom changed.
   * @throws LesionloopError `files-absent` where it is neither here nor there, `files-damaged`, `files-lost`, ….
   */
  async fetch(path: string, { newest = false } = {}): Promise<string> {
    const place = this.place(path)
    if (!place || place.sharing === 'log') return path
    await this.known.refresh()
    const known = this.known.get(place.key)
    const isSame = known !== undefined && (await this.known.isSame(place.key, path))
    // A picture's name is its content's: what is here and whole is right for ever.
    if (isSame && !newest && (place.key.startsWith('images/') || place.sharing === 'sealed')) {
      await this.#cache.used(path)
      return path
    }
    const there = await this.objects.head(place.key)
    if (!there) {
      if (existsSync(path)) return path
      throw absentObject(this.shown, place.key)
    }
    if (isSame && known.etag === there.etag) return path
    if (there.sha256 && existsSync(path) && (await hashOfFile(path)) === there.sha256) {
      await this.known.note(path, there, there.sha256)
      return path
    }
    await this.download(place.key, path)
    return path
  }

  /**
   * `fetch` for many, several at a time. Those that can't be had are told of and left out.
   * @returns how many are here.
   */
  async fetchAll(
    paths: readonly string[],
    onProblem: (path: string, error: unknown) => void,
    signal?: AbortSignal,
  ): Promise<number> {
    let here = 0
    await inParallel(paths, AT_ONCE, async path => {
      signal?.throwIfAborted()
      await this.fetch(path).then(
        () => here++,
        error => onProblem(path, error),
      )
    })
    return here
  }

  /** Keeps pictures (names of files under images/) in this machine's folder until released or this process ends. */
  hold(files: Iterable<string>): Promise<{ release(): Promise<void> }> {
    return this.#cache.hold(files)
  }

  /** An object into its file: whole or not at all. @throws LesionloopError `files-absent`, `files-damaged`, …. */
  async download(key: string, path: string): Promise<void> {
    const coming = this.#coming.get(path) ?? this.#download(key, path)
    this.#coming.set(path, coming)
    try {
      await coming
    } finally {
      this.#coming.delete(path)
    }
  }

  async #download(key: string, path: string): Promise<void> {
    const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
    await fs.mkdir(dirname(path), { recursive: true })
    try {
      const info = await this.objects.get(key, temporary)
      if (!info) throw absentObject(this.shown, key)
      const sha256 = info.sha256 ?? (await hashOfFile(temporary))
      await fs.rename(temporary, path)
      await this.known.note(path, info, sha256)
      if (key.startsWith('images/')) await this.#cache.added(path, info.bytes)
    } finally {
      await fs.rm(temporary, { force: true })
    }
  }

  /**
   * Puts a file on the storage as what the workspace has under `path`, before it is there. A picture that is there
   * already takes the place of the file, so that all machines show the same bytes.
   * @param from where the file is now.
   * @throws LesionloopError `files-changed` where another machine changed a record meanwhile, `files-…`.
   */
  async put(path: string, from: string = path): Promise<void> {
    const place = this.place(path)
    if (!place) return
    if (place.sharing === 'log') return await this.logs.takeIn(place.key, from)
    const { key } = place
    const sha256 = await hashOfFile(from)
    if (place.sharing === 'record') return await this.#putRecord(key, path, from, sha256)
    if (!key.startsWith('images/'))
      return await this.known.note(from, await this.objects.put(key, from, { sha256 }), sha256)
    try {
      await this.known.note(from, await this.objects.put(key, from, { sha256, only: 'absent' }), sha256)
    } catch (error) {
      if (!(error instanceof ObjectRace)) throw error
      const there = await this.objects.head(key)
      if (there?.sha256 === sha256) await this.known.note(from, there, sha256)
      else await this.#adopt(key, from)
    }
    if (from !== path) await this.#cache.added(path, (await fs.stat(from)).size)
  }

  /** The same pixels in other bytes, from another machine's encoder: theirs are kept. */
  async #adopt(key: string, into: string): Promise<void> {
    const theirs = `${into}.theirs.tmp`
    try {
      const info = await this.objects.get(key, theirs)
      if (!info) throw absentObject(this.shown, key)
      await fs.rename(theirs, into)
      await this.known.note(into, info, info.sha256 ?? (await hashOfFile(into)))
    } finally {
      await fs.rm(theirs, { force: true })
    }
  }

  async #putRecord(key: string, path: string, from: string, ours: string): Promise<void> {
    await this.known.refresh()
    let base: string | undefined = this.known.get(key)?.etag
    let sha256 = ours
    for (let tries = 1; ; tries++) {
      try {
        const info = await this.objects.put(key, from, { sha256, only: base ? { match: base } : 'absent' })
        return await this.known.note(from, info, sha256)
      } catch (error) {
        if (!(error instanceof ObjectRace)) throw error
      }
      const there = await this.objects.head(key)
      base = there?.etag
      // Removed there since: then ours is the first again.
      if (!there) continue
      if (there.sha256 === sha256) return await this.known.note(from, there, sha256)
      const merged = await this.#merge(key, from)
      if (merged === undefined || tries >= TRIES) {
        if (from !== path) await this.download(key, path)
        throw changedElsewhere(this.shown, key)
      }
      await writeFileAtomically(nodeFiles, from, `${JSON.stringify(merged, null, 2)}\n`)
      sha256 = await hashOfFile(from)
    }
  }

  async #merge(key: string, from: string): Promise<unknown> {
    const theirs = `${from}.theirs.tmp`
    try {
      if (!(await this.objects.get(key, theirs))) return undefined
      return mergedRecord(key, await readJson(theirs), await readJson(from))
    } finally {
      await fs.rm(theirs, { force: true })
    }
  }

  /** A file of this folder no longer stands for its object. */
  async remove(path: string): Promise<void> {
    const place = this.place(path)
    if (!place) return
    const keys: string[] = []
    for await (const { key } of this.objects.list(place.key))
      if (key === place.key || key.startsWith(`${place.key}/`)) keys.push(key)
    for (const key of keys) {
      await this.objects.remove(key)
      await this.known.forget(key)
    }
  }

  /**
   * Takes in what other machines wrote: records, logs, and cycles that are sealed there. Two who ask while one is on its
   * way share the next one, which sees all that was written before they asked.
   */
  pull(): Promise<Pulled> {
    if (!this.#pulling) {
      this.#pulling = pullAll(this).finally(() => {
        this.#pulling = undefined
      })
      return this.#pulling
    }
    const before = this.#pulling
    this.#next ??= before
      .then(undefined, () => undefined)
      .then(() => {
        this.#next = undefined
        return this.pull()
      })
    return this.#next
  }

  /** Takes the next free number of a cycle for this machine, from `first` on: never given twice, used or not. */
  async claimCycle(first: number): Promise<string> {
    for (let number = first; ; number++) {
      const id = String(number).padStart(4, '0')
      if (await this.claim(`cycles/${id}`)) return id
    }
  }

  /** Takes a name for this machine; false where somebody has it. */
  async claim(name: string): Promise<boolean> {
    const path = join(this.paths.root, '.shared', `claim-${randomBytes(6).toString('hex')}`)
    await writeFileAtomically(nodeFiles, path, `${JSON.stringify({ at: new Date().toISOString() })}\n`)
    try {
      await this.objects.put(`claims/${name}`, path, { sha256: await hashOfFile(path), only: 'absent' })
      return true
    } catch (error) {
      if (error instanceof ObjectRace) return false
      throw error
    } finally {
      await fs.rm(path, { force: true })
    }
  }

  close(): void {
    this.objects.close()
  }
}

export type { ObjectInfo, Pulled }
