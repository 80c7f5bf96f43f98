import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { LesionloopError, messageOf } from '../../../data/errors.ts'
import type { RunOptions } from '../../../data/records/job.ts'
import { nodeFiles, writeAll } from '../../../data/workspace/files.ts'
import { type Connection, unreachable, withoutCredentials } from './connection.ts'
import { withDiskFull } from './disk-space.ts'
import type { CheckedFile } from './package-index.ts'

const MIB = 2 ** 20
/** How often a body may break off without a byte more before it is given up. */
const STANDSTILLS = 5

/**
 * Fetches a file of the index to `path`. What came of a broken download lies beside it as `….partial` and is gone on
 * with by range, also by a later run; the file takes its name only when its SHA-256 is right.
 * @throws LesionloopError `index-unreachable`, `download-damaged`, `disk-full`.
 */
export async function download(
  file: CheckedFile,
  path: string,
  connection: Connection,
  options: RunOptions = {},
): Promise<void> {
  if ((await sizeOf(path)) > 0 && (await sha256Of(path)) === file.sha256) return
  const partial = `${path}.partial`
  await nodeFiles.makeFolder(dirname(path))
  for (const again of [false, true]) {
    const resumed = (await sizeOf(partial)) > 0
    await fetchRest(file, partial, connection, options)
    const found = await sha256Of(partial)
    if (found === file.sha256) return await rename(partial, path)
    await rm(partial, { force: true })
    // What lay there from before may have been of another file: once from the start, then it is the server's fault.
    if (again || !resumed)
      throw new LesionloopError(
        'download-damaged',
        `download: ${file.filename}: SHA-256 ${found.slice(0, 12)}…, the index says ${file.sha256.slice(0, 12)}…; it was thrown away: run it again, or use another index`,
        { url: withoutCredentials(file.url).url, found, expected: file.sha256 },
      )
  }
}

/** Appends to the partial file until it is whole. */
async function fetchRest(
  file: CheckedFile,
  partial: string,
  connection: Connection,
  { signal, onProgress }: RunOptions,
): Promise<void> {
  const { url } = withoutCredentials(file.url)
  let standstills = 0
  for (;;) {
    const have = await sizeOf(partial)
    if (file.size !== null && have === file.size) return
    if (file.size !== null && have > file.size) await rm(partial)
    const from = file.size !== null && have > file.size ? 0 : have
    const response = await connection.get(file.url, from > 0 ? { range: `bytes=${from}-` } : {}, signal)
    // Nothing after the last byte: the size was unknown, and the partial file is whole.
    if (response.status === 416) return
    if (!response.ok || response.body === null)
      throw new LesionloopError(
        'index-unreachable',
        `download: ${file.filename}: ${new URL(url).host} answered HTTP ${response.status}; try again later, or use another index`,
        { url, status: response.status },
      )
    const appends = response.status === 206
    const length = Number(response.headers.get('content-length')) || null
    let done = appends ? from : 0
    const total = file.size ?? (length === null ? null : done + length)
    const target = await nodeFiles.open(partial, appends ? 'a' : 'w')
    let broke: unknown = null
    let told = -1
    try {
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        await withDiskFull(dirname(partial), () => writeAll(target, chunk))
        done += chunk.length
        const now = Math.floor(done / MIB)
        if (now > told)
          onProgress?.({
            step: `fetching ${file.filename} (MiB)`,
            done: now,
            total: total === null ? null : Math.floor(total / MIB),
          })
        told = now
      }
      await target.sync()
    } catch (error) {
      if (error instanceof LesionloopError) throw error
      signal?.throwIfAborted()
      broke = error
    } finally {
      await target.close()
    }
    if (broke === null && (total === null || done >= total)) return
    standstills = done > from ? 0 : standstills + 1
    if (standstills === STANDSTILLS)
      throw unreachable(
        url,
        `${basename(partial)} ended at ${done} of ${total ?? '?'} bytes${broke ? `, ${messageOf(broke)}` : ''}; they are kept`,
      )
    await delay(connection.pauseMs, undefined, signal ? { signal } : {})
  }
}

const sizeOf = (path: string) =>
  stat(path).then(
    found => found.size,
    () => 0,
  )

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: MIB })) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}
