import { randomBytes } from 'node:crypto'
import { existsSync, promises as fs } from 'node:fs'
import { basename, join } from 'node:path'
import { hashOfFile } from '../datasets/hash-file.ts'
import { nodeFiles, writeFileAtomically } from '../workspace/files.ts'
import type { ObjectStore } from './object-store.ts'

/** A part that is longer is left, and another begun: each append writes its part anew. */
const PART_BYTES = 128 * 1024

/**
 * Logs that several machines append to. An object can't be appended to: each process writes parts of its own, which
 * nobody else writes, and the log is all of them in the order in which they were begun.
 */
export class LogParts {
  readonly #folder: string
  readonly #objects: ObjectStore
  readonly #own = new Map<string, { key: string; path: string; bytes: number }>()
  #turn: Promise<unknown> = Promise.resolve()

  /** @param folder where copies of the parts are kept on this machine. */
  constructor(folder: string, objects: ObjectStore) {
    this.#folder = folder
    this.#objects = objects
  }

  /** Where the copy of a part is. */
  path(key: string): string {
    return join(this.#folder, ...key.split('/').slice(1))
  }

  /** Adds lines to the log (`logs/screening.jsonl/`): they are on the storage when this resolves. */
  async append(log: string, lines: Uint8Array): Promise<void> {
    const turn = this.#turn.then(() => this.#append(log, lines))
    this.#turn = turn.catch(() => undefined)
    await turn
  }

  async #append(log: string, lines: Uint8Array): Promise<void> {
    let part = this.#own.get(log)
    if (!part || part.bytes + lines.length > PART_BYTES) {
      const key = `${log}${new Date().toISOString().replace(/[:.]/g, '-')}-${randomBytes(4).toString('hex')}.jsonl`
      part = { key, path: this.path(key), bytes: 0 }
    }
    const before = part.bytes > 0 ? await fs.readFile(part.path) : Buffer.alloc(0)
    const now = Buffer.concat([before, lines])
    const temporary = `${part.path}.next.tmp`
    await writeFileAtomically(nodeFiles, temporary, now)
    try {
      await this.#objects.put(part.key, temporary, { sha256: await hashOfFile(temporary) })
      await fs.rename(temporary, part.path)
      this.#own.set(log, { ...part, bytes: now.length })
    } finally {
      await fs.rm(temporary, { force: true })
    }
  }

  /** Puts lines of a log that this machine has alone (a workspace that is moved up) on the storage. */
  async takeIn(log: string, path: string): Promise<void> {
    const known = new Set<string>()
    for (const part of await this.#parts(log))
      for (const line of (await fs.readFile(part, 'utf8')).split('\n')) known.add(line)
    const text = existsSync(path) ? await fs.readFile(path, 'utf8') : ''
    const missing = text.split('\n').filter(line => line !== '' && !known.has(line))
    if (missing.length > 0) await this.append(log, Buffer.from(`${missing.join('\n')}\n`))
  }

  async #parts(log: string): Promise<string[]> {
    const folder = this.path(log)
    const names = await fs.readdir(folder).catch(() => [] as string[])
    return names
      .filter(name => name.endsWith('.jsonl'))
      .sort()
      .map(name => join(folder, name))
  }

  /** Writes the log anew from the copies of its parts. */
  async rebuild(log: string, path: string): Promise<void> {
    await this.takeIn(log, path)
    const parts = await Promise.all((await this.#parts(log)).map(part => fs.readFile(part)))
    await writeFileAtomically(nodeFiles, path, Buffer.concat(parts))
  }

  /** The log that a part belongs to, and where it is in the workspace. */
  static logOf(key: string): string {
    return key.slice(0, -basename(key).length)
  }
}
