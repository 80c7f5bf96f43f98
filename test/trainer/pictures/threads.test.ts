import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { phantomSlice } from '../../../data/demo/phantom/slice.ts'
import { encodePng } from '../../../data/workspace/images.ts'
import { packagePath } from '../../../data/workspace/package-root.ts'
import { FORMAT_BLIND_AUGMENT } from '../../../trainer/pictures/augment-options.ts'
import type * as Batches from '../../../trainer/pictures/batches.ts'

/** Threads run built code only (Node 20). */
const built = packagePath('dist', 'trainer', 'pictures', 'batches.js')
const isBuilt = existsSync(built)
if (!isBuilt) {
  const line = `build: ${built}: not there; run npm run build to test the threads`
  if (process.env['CI'] === 'true') throw new Error(line)
  console.warn(`${line} (skipped)`)
}

describe.skipIf(!isBuilt)('threads that prepare pictures', () => {
  let folder = ''
  let items: { id: string; path: string }[] = []
  let openBatches: typeof Batches.openBatches
  beforeAll(async () => {
    ;({ openBatches } = (await import(pathToFileURL(built).href)) as typeof Batches)
    folder = await mkdtemp(join(tmpdir(), 'threads-'))
    items = await Promise.all(
      Array.from({ length: 10 }, async (_, at) => {
        const { pixels, width, height } = phantomSlice(`threads/${at}`, { width: 64, height: 48 })
        const data = new Uint8Array(3 * pixels.length)
        pixels.forEach((grey, place) => {
          data.fill(grey, 3 * place, 3 * place + 3)
        })
        const path = join(folder, `${at}.png`)
        await writeFile(path, at === 4 ? 'no picture' : await encodePng({ data, width, height }))
        return { id: `${at}`, path }
      }),
    )
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const read = async (workers: number) => {
    const hash = createHash('sha256')
    const ids: string[] = []
    const leftOut: string[] = []
    const order = Int32Array.of(3, 1, 4, 1, 5, 9, 2, 6, 5, 8, 0, 7)
    const preprocessing = { size: 32, channels: 'rgb' as const, mean: [0, 0, 0], std: [1, 1, 1] }
    for await (const batch of openBatches({
      items,
      order,
      batch: 5,
      augment: FORMAT_BLIND_AUGMENT,
      preprocessing,
      seed: 7,
      epoch: 2,
      workers,
    })) {
      hash.update(batch.x)
      ids.push(...batch.ids)
      leftOut.push(...batch.leftOut.map(({ id, code, why }) => `${id} ${code} ${why.includes(folder)}`))
    }
    return { x: hash.digest('hex'), ids, leftOut }
  }

  it('give the same bytes however many there are, also from pictures kept in memory', async () => {
    const here = await read(0)
    expect(here.ids).toEqual(['3', '1', '1', '5', '9', '2', '6', '5', '8', '0', '7'])
    for (const workers of [1, 3, 3]) expect(await read(workers)).toEqual(here)
  })

  it('name a picture that does not decode as this thread would', async () => {
    expect((await read(2)).leftOut).toEqual(['4 image-undecodable true'])
  })
})
