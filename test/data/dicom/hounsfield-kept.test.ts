import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { importJsonl } from '../../../data/formats/jsonl-import.ts'
import { readPixels, storeImage } from '../../../data/workspace/images.ts'
import { folderOf, picture, receiver } from '../formats/folder.ts'
import { newWorkspace } from '../stores/sample.ts'
import { writeDicom } from './write-dicom.ts'

const [width, height] = [70, 66]
/** Stored values 24 to 4643: −1000 to 3619 HU by the intercept of −1024. */
const samples = Int16Array.from({ length: width * height }, (_, at) => 24 + at)
const slice = (elements = {}) =>
  writeDicom({
    width,
    height,
    samples,
    elements: { '0010,0010': ['PN', 'Doe^Jane'], '0008,0020': ['DA', '20200311'], ...elements },
  })

async function units(path: string, { slope, intercept }: { slope: number; intercept: number }) {
  const { data, info } = await sharp(path)
    .toColourspace('grey16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true })
  const greys = new Uint16Array(data.buffer, data.byteOffset, info.width * info.height)
  return Array.from(greys, grey => slope * grey + intercept)
}

describe('a DICOM slice in the workspace', () => {
  test('keeps its Hounsfield units beside the picture, without loss', async () => {
    const workspace = await newWorkspace()
    const { file, hounsfield } = await storeImage(workspace, slice())
    expect(hounsfield!.file).toMatch(/^[0-9a-f]{32}\.hu\.png$/)
    expect(await units(workspace.paths.image(hounsfield!.file), hounsfield!)).toEqual(
      Array.from(samples, sample => sample - 1024),
    )
    expect(existsSync(workspace.paths.image(file))).toBe(true)
  })

  test('leaves name and date behind', async () => {
    const workspace = await newWorkspace()
    await storeImage(workspace, slice())
    for (const name of await readdir(workspace.paths.images)) {
      const bytes = await readFile(join(workspace.paths.images, name), 'latin1')
      expect(bytes).not.toMatch(/Doe|Jane|20200311/)
    }
  })

  test('gets its units also where the same picture came before without them', async () => {
    const workspace = await newWorkspace()
    const { data } = await readPixels(slice())
    const plain = await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer()
    const before = await storeImage(workspace, plain)
    expect(before).not.toHaveProperty('hounsfield')
    const after = await storeImage(workspace, slice())
    expect(after.file).toBe(before.file)
    expect(after.hounsfield).toBeDefined()
    expect(await readdir(workspace.paths.images)).toHaveLength(2)
  })

  test('of another kind than CT has none', async () => {
    const workspace = await newWorkspace()
    expect(await storeImage(workspace, slice({ '0008,0060': ['CS', 'DX'] }))).not.toHaveProperty('hounsfield')
  })

  test('named by an imported row is told of by its case, and a PNG beside it has none', async () => {
    const dir = folderOf({
      'set.jsonl': ['{"image": "a.dcm", "flag": "positive"}', '{"image": "b.png"}'].join('\n'),
      'b.png': await picture(3),
    })
    await writeFile(join(dir, 'a.dcm'), slice())
    const { workspace, options, cases } = await receiver()
    await importJsonl(workspace, join(dir, 'set.jsonl'), options)
    const [one, other] = cases()
    expect(one!.hounsfield).toMatchObject({ slope: 1, intercept: -32_768 })
    expect(existsSync(workspace.paths.image(one!.hounsfield!.file))).toBe(true)
    expect(other).not.toHaveProperty('hounsfield')
  })
})
