import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { phantomSlice } from '../../../data/demo/phantom/slice.ts'
import { encodePng } from '../../../data/workspace/images.ts'
import { pictureInput } from '../../../trainer/features/picture.ts'
import { CT_AUGMENT } from '../../../trainer/pictures/augment-options.ts'
import { type BatchOptions, openBatches, type PictureBatch } from '../../../trainer/pictures/batches.ts'
import { KeptPictures } from '../../../trainer/pictures/kept-pictures.ts'
import { testTimeViews } from '../../../trainer/pictures/views.ts'

const preprocessing = { size: 32, channels: 'rgb' as const, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }
let folder = ''
let items: { id: string; path: string }[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictures-'))
  items = await Promise.all(
    Array.from({ length: 7 }, async (_, at) => {
      const { pixels, width, height } = phantomSlice(`batches/${at}`, { width: 60, height: 48 })
      const data = new Uint8Array(3 * pixels.length)
      pixels.forEach((grey, place) => {
        data.fill(grey, 3 * place, 3 * place + 3)
      })
      const path = join(folder, `${at}.png`)
      await writeFile(path, await encodePng({ data, width, height }))
      return { id: `picture-${at}`, path }
    }),
  )
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function read(options: Partial<BatchOptions> = {}): Promise<PictureBatch[]> {
  const all: PictureBatch[] = []
  const asked = {
    items,
    order: Int32Array.of(0, 1, 2, 3, 4, 5, 6),
    batch: 3,
    augment: CT_AUGMENT,
    seed: 1,
    epoch: 0,
  }
  for await (const one of openBatches({ ...asked, preprocessing, ...options })) all.push(one)
  return all
}
const row = (batch: PictureBatch, at: number) => batch.x.subarray(at * 3072, (at + 1) * 3072)

describe('batches of pictures', () => {
  it('come in the order asked for, the last with what is left', async () => {
    const batches = await read({ order: Int32Array.of(6, 5, 4, 3, 2, 1, 0) })
    expect(batches.map(batch => batch.ids)).toEqual([
      ['picture-6', 'picture-5', 'picture-4'],
      ['picture-3', 'picture-2', 'picture-1'],
      ['picture-0'],
    ])
    expect(batches.map(batch => [...batch.rows])).toEqual([[6, 5, 4], [3, 2, 1], [0]])
    expect(batches.map(batch => batch.x.length)).toEqual([9216, 9216, 3072])
  })

  it('without changes are exactly what one picture gives alone', async () => {
    const [first] = await read({ augment: null })
    expect(row(first!, 1)).toEqual(await pictureInput(items[1]!.path, preprocessing))
  })

  it('depend on seed, epoch and picture, not on the order, the batch or the look-ahead', async () => {
    const [[first], [later]] = [
      await read(),
      await read({ order: Int32Array.of(3, 6, 0), batch: 5, ahead: 0 }),
    ]
    expect(row(later!, 2)).toEqual(row(first!, 0))
    expect(row((await read({ epoch: 1 }))[0]!, 0)).not.toEqual(row(first!, 0))
    expect(row((await read({ seed: 2 }))[0]!, 0)).not.toEqual(row(first!, 0))
  })

  it('change a picture otherwise the second time it comes in an epoch', async () => {
    const [batch] = await read({ order: Int32Array.of(2, 2), batch: 2 })
    expect(row(batch!, 0)).not.toEqual(row(batch!, 1))
    expect((await read({ order: Int32Array.of(2, 2), batch: 2 }))[0]!.x).toEqual(batch!.x)
  })

  it('leave out and name a picture that does not decode, and go on', async () => {
    const broken = join(folder, 'broken.png')
    await writeFile(broken, 'no picture')
    const batches = await read({ items: items.with(1, { id: 'broken', path: broken }) })
    expect(batches[0]!.ids).toEqual(['picture-0', 'picture-2'])
    expect(batches[0]!.x.length).toBe(2 * 3072)
    expect(batches[0]!.leftOut).toEqual([
      { id: 'broken', code: 'image-undecodable', why: expect.stringContaining('broken.png') },
    ])
    expect(batches[1]!.ids.length).toBe(3)
  })

  it('name a file that is gone, and may be empty', async () => {
    const [batch] = await read({
      items: [{ id: 'gone', path: join(folder, 'gone.png') }],
      order: Int32Array.of(0),
    })
    expect(batch).toMatchObject({ ids: [], leftOut: [{ id: 'gone', code: 'ENOENT' }] })
    expect(batch!.x.length).toBe(0)
  })

  it('end with the reason of an abort, before the next batch', async () => {
    const stop = new AbortController()
    const reached: string[][] = []
    const reading = async () => {
      const order = Int32Array.from({ length: 7 }, (_, at) => at)
      for await (const { ids } of openBatches({
        items,
        order,
        batch: 2,
        augment: null,
        preprocessing,
        seed: 1,
        epoch: 0,
        signal: stop.signal,
      })) {
        reached.push(ids)
        stop.abort(new Error('enough'))
      }
    }
    await expect(reading()).rejects.toThrow('enough')
    expect(reached.length).toBe(1)
  })

  it('show a fixed view: the mirror image of the plain one, exactly', async () => {
    const [plain] = await read({ augment: null })
    const [mirrored] = await read({ augment: null, view: testTimeViews(2)[1]! })
    for (let at = 0; at < 32 * 32; at++) {
      const other = Math.floor(at / 32) * 32 + 31 - (at % 32)
      expect(mirrored!.x[3 * at]).toBe(plain!.x[3 * other])
    }
  })
})

describe('views for test-time augmentation', () => {
  it('are the plain one first, each with its mirror image, all within the picture', () => {
    for (const count of [1, 2, 4, 12] as const) {
      const views = testTimeViews(count)
      expect(views.length).toBe(count)
      expect(views[0]).toEqual({ box: { left: 0, top: 0, width: 1, height: 1 }, flip: false })
      expect(views.filter(view => view.flip).length).toBe(Math.floor(count / 2))
      for (const { box } of views)
        expect(Math.max(box.left + box.width, box.top + box.height)).toBeLessThan(1 + 1e-9)
    }
  })
})

describe('pictures kept in memory', () => {
  const prepared = (bytes: number) => ({
    picture: { data: new Uint8Array(bytes), width: bytes, height: 1, channels: 1 as const },
    units: null,
    aspect: 1,
  })

  it('stay up to the limit; what came first is not thrown out', () => {
    const kept = new KeptPictures(100)
    kept.put('a', prepared(60))
    kept.put('b', prepared(60))
    kept.put('c', prepared(40))
    expect([kept.get('a'), kept.get('b'), kept.get('c')].map(found => found !== null)).toEqual([
      true,
      false,
      true,
    ])
    expect(kept.bytes).toBe(100)
  })
})
