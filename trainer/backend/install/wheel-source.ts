import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LesionloopError } from '../../../data/errors.ts'
import type { RunOptions } from '../../../data/records/job.ts'
import { nodeFiles, writeJson } from '../../../data/workspace/files.ts'
import type { Connection } from './connection.ts'
import { download, sha256Of } from './download.ts'
import type { WheelName } from './libraries.ts'
import { findWheel, fits } from './package-index.ts'
import { openWheel } from './wheel.ts'

export interface WheelSourceOptions extends RunOptions {
  /** A folder that is looked into before the index is asked. */
  from?: string
}

export interface UnpackedWheel {
  source: { name: string; hash: string }
  metadata: string
}

interface FoundWheel {
  path: string
  sha256: string
}

/** Wheels from a folder or the index, unpacked once: a marker in the staging folder says which are done. */
export class WheelSource {
  readonly #connection: Connection
  readonly #indexes: string[]
  readonly #folders: { downloads: string; markers: string }
  readonly #options: WheelSourceOptions

  constructor(
    connection: Connection,
    indexes: string[],
    folders: { downloads: string; markers: string },
    options: WheelSourceOptions,
  ) {
    this.#connection = connection
    this.#indexes = indexes
    this.#folders = folders
    this.#options = options
  }

  async unpack(wheel: WheelName, target: (member: string) => string | null): Promise<UnpackedWheel> {
    const marker = join(this.#folders.markers, `${wheel.project}-${wheel.version}.json`)
    if (existsSync(marker)) return JSON.parse(await readFile(marker, 'utf8')) as UnpackedWheel
    const { path, sha256 } = (await this.#given(wheel)) ?? (await this.#fetched(wheel))
    const opened = await openWheel(path)
    try {
      const { signal, onProgress } = this.#options
      await opened.extract(target, { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) })
      const done = {
        source: { name: `${wheel.project} ${wheel.version}`, hash: `sha256-${sha256}` },
        metadata: await opened.metadata(),
      }
      await writeJson(nodeFiles, marker, done)
      // Unpacked is unpacked: the disk needn't hold both.
      if (path.startsWith(this.#folders.downloads)) await rm(path)
      return done
    } finally {
      opened.close()
    }
  }

  /** From the folder given with --from; the pinned hash holds there too. */
  async #given(wheel: WheelName): Promise<FoundWheel | null> {
    const { from } = this.#options
    if (from === undefined) return null
    const names = await readdir(from).catch(() => {
      throw new LesionloopError('usage', `folder: ${from}: not found; give one that holds the wheels`, {
        from,
      })
    })
    const fitting = names.filter(name => fits(name, wheel)).map(name => join(from, name))
    for (const path of fitting) {
      const sha256 = await sha256Of(path)
      if (wheel.sha256 === null || wheel.sha256 === sha256) return { path, sha256 }
    }
    if (fitting.length === 0) return null
    throw new LesionloopError(
      'wheel-hash',
      `wheel: ${fitting.join(', ')}: SHA-256 ${wheel.sha256} was expected; take the file lesionloop was tried with (docs/backends.md)`,
      { expected: wheel.sha256 },
    )
  }

  async #fetched(wheel: WheelName): Promise<FoundWheel> {
    const { signal } = this.#options
    const file = await findWheel(wheel, this.#indexes, this.#connection, signal)
    const path = join(this.#folders.downloads, file.filename)
    await download(file, path, this.#connection, this.#options)
    return { path, sha256: file.sha256 }
  }
}
