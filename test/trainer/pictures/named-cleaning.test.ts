import { readdir } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { encodePng, storeImage } from '../../../data/workspace/images.ts'
import { loadBackbone } from '../../../trainer/backbones/load.ts'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { cachedFeatures } from '../../../trainer/features/cached-features.ts'
import { namedCleaning } from '../../../trainer/pictures/named-cleaning.ts'
import { newWorkspace } from '../../data/stores/sample.ts'

beforeAll(() => chooseBackend('wasm'), 120_000)

describe('a backbone with the cleaning of its pictures in its name', () => {
  it('is taken apart into the backbone and the cleaning', () => {
    expect(namedCleaning('resnet18')).toEqual({ base: 'resnet18', picture: null })
    expect(namedCleaning('resnet18+borders+grey')).toEqual({
      base: 'resnet18',
      picture: { borders: true, grey: true },
    })
    expect(namedCleaning('resnet18+sharpen')).toBeNull()
    expect(namedCleaning('resnet18+')).toBeNull()
  })

  it('is refused by name where it asks for a cleaning nobody knows', async () => {
    await expect(loadBackbone('starter+sharpen')).rejects.toMatchObject({
      code: 'backbone-unknown',
      message: expect.stringContaining('+grey, +borders, +marks'),
    })
  })

  it('has features of its own, those of the picture without its frame', async () => {
    const workspace = await newWorkspace()
    const slope = (framed: boolean) => {
      const data = new Uint8Array(64 * 64 * 3)
      for (let y = 0; y < 64; y++)
        for (let x = 0; x < 64; x++) {
          const inside = x >= 16 && x < 48 && y >= 16 && y < 48
          const grey = framed ? (inside ? 60 + 4 * (x - 16) : 0) : 60 + 4 * Math.floor(x / 2)
          data.fill(grey, 3 * (64 * y + x), 3 * (64 * y + x) + 3)
        }
      return { data, width: 64, height: 64 }
    }
    const stored = await storeImage(workspace, await encodePng(slope(true)))
    const bare = await storeImage(workspace, await encodePng(slope(false)))
    const images = [stored, bare].map(({ id, file }) => ({ id, file }))
    const plain = await cachedFeatures(workspace, await loadBackbone('starter'), images)
    const clean = await cachedFeatures(workspace, await loadBackbone('starter+borders'), images)
    expect((await readdir(workspace.paths.features)).length).toBe(2)
    const apart = (one: Float32Array, other: Float32Array) =>
      Math.hypot(...one.map((value, at) => value - other[at]!))
    const [framed, cropped] = [plain.rows.get(stored.id)!, clean.rows.get(stored.id)!]
    const target = plain.rows.get(bare.id)!
    expect(clean.rows.get(bare.id)).toEqual(target)
    expect(apart(cropped, target)).toBeLessThan(0.2 * apart(framed, target))
  })
})
