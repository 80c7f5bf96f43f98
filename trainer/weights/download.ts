import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fetch, ProxyAgent, type RequestInit, type Response } from 'undici'
import { LesionloopError, messageOf } from '../../data/errors.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { nodeFiles, writeAll } from '../../data/workspace/files.ts'
import { environmentProxy } from '../backend/install/connection.ts'

/**
 * Fetches one file of the model hub to `path`. What came of a broken download stays beside it as `….partial` and is
 * gone on with (HTTP ranges); the file takes its name only when it is whole and its SHA-256 is the one the hub names
 * (`x-linked-etag`, sent for large files).
 * @throws LesionloopError `weights-offline`, `weights-unknown`, `weights-damaged`.
 */
export async function download(
  url: string,
  path: string,
  { name, signal, onProgress }: RunOptions & { name: string },
): Promise<void> {
  const partial = `${path}.partial`
  await nodeFiles.makeFolder(dirname(path))
  const expected = await linkedHash(url, name, signal)
  const have = await stat(partial).then(
    found => found.size,
    () => 0,
  )
  const response = await get(url, name, signal, have > 0 ? { Range: `bytes=${have}-` } : {})
  // 416: the partial file is all there is.
  if (response.status !== 416) {
    if (!response.ok || response.body === null) throw refused(response, url, name)
    const resumed = response.status === 206
    const file = await nodeFiles.open(partial, resumed ? 'a' : 'w')
    let done = resumed ? have : 0
    const length = Number(response.headers.get('content-length')) || null
    const total = length === null ? null : length + done
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        await writeAll(file, chunk)
        done += chunk.length
        onProgress?.({ step: `fetching weights ${name}`, done, total })
      }
      await file.sync()
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw offline(url, name, error, `${done} bytes are kept: run it again to go on`)
    } finally {
      await file.close()
    }
    if (total !== null && done !== total)
      throw offline(url, name, `ended at ${done} of ${total} bytes`, 'run it again to go on')
  }
  if (expected !== null) {
    const found = await hashOf(partial)
    if (found !== expected) {
      await nodeFiles.remove(partial)
      throw new LesionloopError(
        'weights-damaged',
        `weights: ${name}: SHA-256 ${found.slice(0, 12)}…, the hub says ${expected.slice(0, 12)}…; it was thrown away: run it again`,
        { url, found, expected },
      )
    }
  }
  await nodeFiles.rename(partial, path)
  await nodeFiles.syncFolder(dirname(path))
}

/** The SHA-256 the hub keeps for a large file; null where it names none (a small file, another hub). */
async function linkedHash(
  url: string,
  name: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const response = await get(url, name, signal, {}, { method: 'HEAD', redirect: 'manual' })
  if (response.status >= 400) throw refused(response, url, name)
  const tag = response.headers.get('x-linked-etag')?.replace(/^(W\/)?"|"$/g, '') ?? ''
  return /^[0-9a-f]{64}$/.test(tag) ? tag : null
}

async function get(
  url: string,
  name: string,
  signal: AbortSignal | undefined,
  headers: Record<string, string>,
  init: RequestInit = {},
): Promise<Response> {
  const proxy = environmentProxy(new URL(url))
  const way = proxy === null ? {} : { dispatcher: new ProxyAgent(proxy) }
  try {
    return await fetch(url, { ...init, ...way, headers, ...(signal ? { signal } : {}) })
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    const cause = (error as { cause?: unknown }).cause ?? error
    throw offline(url, name, cause)
  }
}

function offline(url: string, name: string, cause: unknown, todo?: string): LesionloopError {
  const why = typeof cause === 'string' ? cause : messageOf(cause)
  const host = new URL(url).host
  return new LesionloopError(
    'weights-offline',
    `weights: ${name}: ${host} can't be reached (${why}); ${todo ?? 'go online once, set LESIONLOOP_HUB to a mirror, give a file with --init FILE.safetensors, or use --backbone starter, which needs no download'}`,
    { url },
    { cause },
  )
}

function refused({ status }: Response, url: string, name: string): LesionloopError {
  const unknown = status === 404 || status === 401
  return new LesionloopError(
    unknown ? 'weights-unknown' : 'weights-offline',
    unknown
      ? `weights: ${name}: the hub has no public model of this name with a model.safetensors (HTTP ${status}); check the name`
      : `weights: ${name}: the hub answered HTTP ${status}; try again later, or give a file with --init FILE.safetensors`,
    { url, status },
  )
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}
