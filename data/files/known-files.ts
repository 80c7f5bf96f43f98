import { promises as fs } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hashOfFile } from '../datasets/hash-file.ts'
import type { ObjectInfo } from './object-store.ts'

/** What a file of this folder was when it was last the same as its object. */
export interface KnownFile {
  etag: string
  sha256: string
  bytes: number
  mtimeMs: number
}

/** A line of .shared/known.jsonl: a file, or that nothing is known of it any more. */
type Line = [key: string, known: KnownFile | null]

/**
 * Which object each file of this machine's folder is a copy of, so that a changed file is told from a changed object.
 * Only a notebook: what is not in it is compared by its hash. Several processes add to it; each reads on where it stood.
 */
export class KnownFiles {
  readonly #path: string
  readonly #all = new Map<string, KnownFile>()
  #read = 0
  #turn: Promise<unknown> = Promise.resolve()
  #reading: Promise<void> = Promise.resolve()

  constructor(folder: string) {
    this.#path = join(folder, 'known.jsonl')
  }

  /** Takes in what other processes noted; of many who ask at once one reads after the other. */
  refresh(): Promise<void> {
    const mine = this.#reading.then(() => this.#readOn())
    this.#reading = mine.catch(() => undefined)
    return mine
  }

  async #readOn(): Promise<void> {
    const size = await stat(this.#path).then(
      found => found.size,
      () => 0,
    )
    if (size < this.#read) this.#read = 0
    if (size === this.#read) return
    const file = await fs.open(this.#path, 'r')
    try {
      const bytes = Buffer.alloc(size - this.#read)
      const { bytesRead } = await file.read(bytes, 0, bytes.length, this.#read)
      const whole = bytes.subarray(0, bytesRead).lastIndexOf(0x0a) + 1
      this.#read += whole
      for (const line of bytes.subarray(0, whole).toString('utf8').split('\n')) this.#take(line)
    } finally {
      await file.close()
    }
  }

  #take(line: string): void {
    if (line === '') return
    try {
      const [key, known] = JSON.parse(line) as Line
      if (known) this.#all.set(key, known)
      else this.#all.delete(key)
    } catch {
      // A line of a killed process: what it would have said is found out by hashes.
    }
  }

  get(key: string): KnownFile | undefined {
    return this.#all.get(key)
  }

  keys(): IterableIterator<string> {
    return this.#all.keys()
  }

  /** Notes that the file is a copy of the object. */
  async note(path: string, { key, etag }: Pick<ObjectInfo, 'key' | 'etag'>, sha256: string): Promise<void> {
    const { size, mtimeMs } = await stat(path)
    await this.#write(key, { etag, sha256, bytes: size, mtimeMs })
  }

  async forget(key: string): Promise<void> {
    if (this.#all.has(key)) await this.#write(key, null)
  }

  async #write(key: string, known: KnownFile | null): Promise<void> {
    if (known) this.#all.set(key, known)
    else this.#all.delete(key)
    // One write of a line at the end: lines of several processes never mix.
    this.#turn = this.#turn.then(async () => {
      await fs.mkdir(dirname(this.#path), { recursive: true })
      await fs.appendFile(this.#path, `${JSON.stringify([key, known] satisfies Line)}\n`)
    })
    await this.#turn
  }

  /** Whether a file is as it was noted; its bytes are read only where its time or size is another. */
  async isSame(key: string, path: string): Promise<boolean> {
    const known = this.#all.get(key)
    const found = await stat(path).catch(() => undefined)
    if (!known || !found) return false
    if (found.size !== known.bytes) return false
    // To say that a file was used sets its times anew, in whole milliseconds.
    return Math.abs(found.mtimeMs - known.mtimeMs) < 2 || (await hashOfFile(path)) === known.sha256
  }
}
