import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { imageId, readPixels, storeImage } from '../../../data/workspace/images.ts'
import { pictureInput } from '../../../trainer/features/picture.ts'
import { augmentOptions } from '../../../trainer/pictures/augment-options.ts'
import { UNCHANGED } from '../../../trainer/pictures/augmentation.ts'
import { openBatches } from '../../../trainer/pictures/batches.ts'
import { inputOf } from '../../../trainer/pictures/input.ts'
import { prepare } from '../../../trainer/pictures/prepare.ts'
import { stretched } from '../../../trainer/pictures/stretch.ts'
import { writeDicom } from '../../data/dicom/write-dicom.ts'
import { newWorkspace } from '../../data/stores/sample.ts'

/** Air above, lung below, soft tissue at the right: 16 × 16. */
const units = Int16Array.from({ length: 256 }, (_, at) => (at % 16 >= 12 ? 40 : at < 128 ? -1000 : -800))
const bytes = writeDicom({ width: 16, height: 16, samples: units.map(unit => unit + 1024) })
const preprocessing = { size: 16, channels: 'grey' as const, mean: [0], std: [1] }
const grey = (unit: number, centre = -600, width = 1500) =>
  Math.round((255 * (unit - centre + width / 2)) / width) / 255

describe('a DICOM slice as a picture', () => {
  it('is read by content, through the lung window', async () => {
    const { data, width, height } = await readPixels(bytes)
    expect([width, height]).toEqual([16, 16])
    expect(data[0]! / 255).toBeCloseTo(grey(-1000), 6)
    expect(imageId({ data, width, height })).toMatch(/^[0-9a-f]{32}$/)
  })

  it('becomes an input like any other, through the window its preprocessing asks for', async () => {
    const lung = await pictureInput(bytes, preprocessing)
    expect(lung[15 * 16]).toBeCloseTo(grey(-800), 6)
    const soft = await pictureInput(bytes, {
      ...preprocessing,
      picture: { window: { centre: 40, width: 400 } },
    })
    expect([soft[0], soft[14]]).toEqual([0, expect.closeTo(grey(40, 40, 400), 6)])
  })

  it('is kept in a workspace as PNG of what is shown, without anything that names the patient', async () => {
    const workspace = await newWorkspace()
    const named = writeDicom({
      width: 16,
      height: 16,
      samples: units.map(unit => unit + 1024),
      elements: { '0010,0010': ['PN', 'Doe^Jane'] },
    })
    const { id, file, format } = await storeImage(workspace, named, { originalName: 'scan.dcm' })
    expect([format, file]).toEqual(['png', `${id}.png`])
    const kept = await readFile(workspace.paths.image(file))
    expect(imageId(await readPixels(kept))).toBe(imageId(await readPixels(bytes)))
    expect(kept.includes('Doe')).toBe(false)
  })

  it('is refused with its name where it is cut short', async () => {
    await expect(pictureInput(bytes.subarray(0, 500), preprocessing, 'cut.dcm')).rejects.toMatchObject({
      code: 'dicom-truncated',
      message: expect.stringContaining('cut.dcm'),
    })
  })

  it('keeps its units, so that a drawn window moves every grey by what it should', async () => {
    const prepared = await prepare(bytes, 16)
    const x = await inputOf(prepared, preprocessing, { ...UNCHANGED, window: { centre: 100, width: -500 } })
    expect(x[0]).toBeCloseTo(grey(-1000, -500, 1000), 6)
    expect(x[15 * 16]).toBeCloseTo(grey(-800, -500, 1000), 6)
    expect(x[14]).toBe(1)
  })

  it('has its frame cut off its units too', async () => {
    const framed = Int16Array.from({ length: 256 }, (_, at) => {
      const inside = at % 16 >= 4 && at % 16 < 12 && at >= 64 && at < 192
      return inside ? -700 : -2000
    })
    const prepared = await prepare(
      writeDicom({ width: 16, height: 16, samples: framed.map(unit => unit + 1024) }),
      8,
      { borders: true },
    )
    expect(new Set(prepared.units!.data)).toEqual(new Set([-700]))
  })
})

describe('batches of DICOM slices', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dicom-batches-'))
    await writeFile(join(folder, 'slice.dcm'), bytes)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('have their window jittered from epoch to epoch', async () => {
    const augment = augmentOptions.parse({
      crop: [1, 1],
      aspect: 1,
      rotate: 0,
      flip: false,
      brightness: 0,
      contrast: 0,
      gamma: 0,
      erase: { chance: 0, area: [0.1, 0.1] },
    })
    const lungs: number[] = []
    for (let epoch = 0; epoch < 6; epoch++)
      for await (const { x } of openBatches({
        items: [{ id: 'slice', path: join(folder, 'slice.dcm') }],
        order: Int32Array.of(0),
        batch: 1,
        augment,
        preprocessing,
        seed: 1,
        epoch,
      }))
        lungs.push(x[15 * 16]!)
    expect(new Set(lungs).size).toBeGreaterThan(3)
    for (const lung of lungs) expect(Math.abs(lung - grey(-800))).toBeLessThan(0.1)
  })
})

describe('stretching Hounsfield units', () => {
  const raster = (data: number[], width: number) => ({
    data: Float32Array.from(data),
    width,
    height: data.length / width,
    channels: 1 as const,
  })

  it('leaves a square of the same size as it is', () => {
    const data = [-1000, -500, 40, 1000]
    expect([...stretched(raster(data, 2), 2).data]).toEqual(data)
  })

  it('keeps plain units and the mean when it shrinks and widens', () => {
    expect(new Set(stretched(raster(Array(35).fill(-777), 7), 3).data)).toEqual(new Set([-777]))
    const slope = stretched(
      raster(
        Array.from({ length: 64 }, (_, at) => 100 * (at % 8)),
        8,
      ),
      4,
    ).data
    expect(slope.reduce((sum, value) => sum + value, 0) / 16).toBeCloseTo(350, 0)
    expect([...slope.slice(4, 8)]).toEqual([...slope.slice(0, 4)])
  })

  it('takes rows for rows: what lies below stays below', () => {
    expect([...stretched(raster([1, 1, 1, 9, 9, 9], 3), 2).data]).toEqual([1, 1, 9, 9])
  })
})
