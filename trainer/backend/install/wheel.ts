import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { LesionloopError, messageOf } from '../../../data/errors.ts'
import type { RunOptions } from '../../../data/records/job.ts'
import { withDiskFull } from './disk-space.ts'

const MIB = 2 ** 20

/** An opened Python wheel (PEP 427): a zip, with a RECORD that names the hash of each member. */
export interface Wheel {
  /** The text of METADATA: what it is, and what it depends on. */
  metadata(): Promise<string>
  /**
   * Unpacks the members that `target` gives a path for, as streams, each checked against RECORD.
   * @returns how many there were.
   */
  extract(target: (member: string) => string | null, options?: RunOptions): Promise<number>
  close(): void
}

/**
 * @throws LesionloopError `wheel-damaged` (here and from its functions): no zip, a name that leads out of it, a member
 * that is not as RECORD says.
 */
export async function openWheel(path: string): Promise<Wheel> {
  const name = basename(path)
  const entries = new Map<string, Entry>()
  const zip = await orDamaged(name, async () => {
    const opened = await openPromise(path, { autoClose: false })
    for await (const entry of opened.eachEntry()) entries.set(entry.fileName, entry)
    return opened
  })
  const info = [...entries.keys()].find(member => /^[^/]+\.dist-info\/RECORD$/.test(member))
  if (!info) {
    zip.close()
    throw damaged(name, 'it has no RECORD')
  }
  const hashes = parseRecord(await readText(zip, entries.get(info)!, name))
  return {
    metadata: () => {
      const entry = entries.get(info.replace(/RECORD$/, 'METADATA'))
      if (!entry) throw damaged(name, 'it has no METADATA')
      return readText(zip, entry, name)
    },
    async extract(target, { signal, onProgress } = {}) {
      const wanted = [...entries.values()].flatMap(entry => {
        const to = entry.fileName.endsWith('/') ? null : target(entry.fileName)
        return to === null ? [] : [{ entry, to }]
      })
      const total = wanted.reduce((sum, { entry }) => sum + entry.uncompressedSize, 0)
      let done = 0
      let told = -1
      for (const { entry, to } of wanted) {
        const found = await unpack(zip, entry, to, name, signal, bytes => {
          done += bytes
          const now = Math.floor(done / MIB)
          if (now > told)
            onProgress?.({ step: `unpacking ${name} (MiB)`, done: now, total: Math.floor(total / MIB) })
          told = now
        })
        const expected = hashes.get(entry.fileName)
        if (expected !== found)
          throw damaged(name, `${entry.fileName} is ${expected ? 'not as' : 'not in'} its RECORD`)
      }
      return wanted.length
    },
    close: () => zip.close(),
  }
}

/** Writes one member; answers its hash in RECORD's form. */
async function unpack(
  zip: ZipFile,
  entry: Entry,
  to: string,
  wheel: string,
  signal: AbortSignal | undefined,
  onBytes: (bytes: number) => void,
): Promise<string> {
  const hash = createHash('sha256')
  const watch = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      hash.update(chunk)
      onBytes(chunk.length)
      next(null, chunk)
    },
  })
  await withDiskFull(dirname(to), async () => {
    await mkdir(dirname(to), { recursive: true })
    const from = await orDamaged(wheel, () => zip.openReadStreamPromise(entry))
    try {
      await pipeline(from, watch, createWriteStream(to, { flush: true }), ...(signal ? [{ signal }] : []))
    } catch (error) {
      signal?.throwIfAborted()
      // The disk's refusals have an errno; what is left is the zip's or zlib's.
      if (typeof (error as NodeJS.ErrnoException).errno === 'number' && !isZlib(error)) throw error
      throw damaged(wheel, `${entry.fileName}: ${messageOf(error)}`, error)
    }
  })
  // Programs among the members (ptxas) are run.
  if ((entry.externalFileAttributes >>> 16) & 0o111) await chmod(to, 0o755)
  return hash.digest('base64url')
}

const isZlib = (error: unknown) => String((error as { code?: unknown }).code).startsWith('Z_')

async function readText(zip: ZipFile, entry: Entry, wheel: string): Promise<string> {
  return await orDamaged(wheel, async () => {
    const chunks: Buffer[] = []
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks).toString('utf8')
  })
}

/** RECORD: `path,sha256=<base64url>,size`, a path with a comma in quotes. */
function parseRecord(text: string): Map<string, string> {
  const hashes = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const parts = /^(?:"((?:[^"]|"")*)"|([^,]*)),sha256=([\w-]+)=*,/.exec(line)
    if (parts) hashes.set(parts[1]?.replaceAll('""', '"') ?? parts[2]!, parts[3]!)
  }
  return hashes
}

async function orDamaged<T>(wheel: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw damaged(wheel, messageOf(error), error)
  }
}

function damaged(wheel: string, why: string, cause?: unknown): LesionloopError {
  return new LesionloopError(
    'wheel-damaged',
    `wheel: ${wheel}: ${why}; a whole wheel was expected: remove it and run it again`,
    { wheel },
    cause === undefined ? {} : { cause },
  )
}
