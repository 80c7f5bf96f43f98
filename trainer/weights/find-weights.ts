import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { LesionloopError } from '../../data/errors.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { cacheFolder } from './cache-folder.ts'
import { download } from './download.ts'

export interface WeightsOptions extends RunOptions {
  /** Base address of the model hub; LESIONLOOP_HUB, else the public one. */
  hub?: string
  /** Folder of downloaded weights; by default the user's cache. */
  cache?: string
}

export interface FoundWeights {
  path: string
  /** As it stands in a cycle's record: the name on the hub, or the file's name. */
  name: string
  sha256: string
}

const DEFAULT_HUB = 'https://huggingface.co'
/** "owner/model", as the hub names its models. */
const HUB_NAME = /^[\w.-]+\/[\w.-]+$/

/**
 * Finds weights by path or by name. A name is fetched from the model hub once and kept in the user's cache under
 * `weights/owner/model/`; a path is taken as it is.
 * @throws LesionloopError `weights-missing` (no such file), `weights-offline`, `weights-unknown`, `weights-damaged`.
 */
export async function findWeights(from: string, options: WeightsOptions = {}): Promise<FoundWeights> {
  if (existsSync(from)) return { path: from, name: basename(from), sha256: await sha256OfFile(from) }
  if (from.endsWith('.safetensors') || !HUB_NAME.test(from))
    throw new LesionloopError(
      'weights-missing',
      `weights: ${from}: no such file: expected a .safetensors file, or a name on the model hub such as timm/tf_efficientnet_lite0.in1k`,
      { path: from },
    )
  const hub = (options.hub ?? process.env['LESIONLOOP_HUB'] ?? DEFAULT_HUB).replace(/\/+$/, '')
  const path = join(options.cache ?? cacheFolder(), 'weights', ...from.split('/'), 'model.safetensors')
  if (!existsSync(path))
    await download(`${hub}/${from}/resolve/main/model.safetensors`, path, { ...options, name: from })
  return { path, name: from, sha256: await sha256OfFile(path) }
}

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}
