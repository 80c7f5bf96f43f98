import { readdir, readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { cropImage, encodePng, imageId, readPixels, storeImage } from '../../../data/workspace/images.ts'
import { newWorkspace } from '../stores/sample.ts'

/** A grey ramp with a coloured corner: 40 × 30, no symmetry, so that a turn shows. */
function picture(channels: 1 | 3 | 4 = 3) {
  const [width, height] = [40, 30]
  const data = Buffer.alloc(width * height * channels)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * channels
      for (let c = 0; c < Math.min(3, channels); c++) data[at + c] = (x * 5 + y) % 256
      if (channels === 4) data[at + 3] = 255
    }
  return sharp(data, { raw: { width, height, channels } })
}
const grey = () => picture(1).toColourspace('b-w')

describe('the identity of a picture', () => {
  test('is the same whatever lossless encoder wrote it', async () => {
    const files = await Promise.all([
      picture().png({ compressionLevel: 0 }).toBuffer(),
      picture().png({ compressionLevel: 9, adaptiveFiltering: true }).toBuffer(),
      picture().webp({ lossless: true }).toBuffer(),
      picture().tiff({ compression: 'lzw' }).toBuffer(),
      grey().png().toBuffer(),
      picture(4).png().toBuffer(),
      picture().png({ palette: true, colours: 256, dither: 0 }).toBuffer(),
    ])
    const ids = await Promise.all(files.map(async file => imageId(await readPixels(file))))
    expect(new Set(ids).size).toBe(1)
  })

  test('differs where one pixel does', async () => {
    const pixels = await readPixels(await picture().png().toBuffer())
    const other = { ...pixels, data: pixels.data.slice() }
    other.data[100]!++
    expect(imageId(other)).not.toBe(imageId(pixels))
  })

  test('differs for the same bytes in another shape', () => {
    const data = new Uint8Array(60)
    expect(imageId({ data, width: 4, height: 5 })).not.toBe(imageId({ data, width: 5, height: 4 }))
  })

  test('is 32 hex digits that never change from release to release', () => {
    // printf '1x1\n\x01\x02\x03' | sha256sum
    expect(imageId({ data: new Uint8Array([1, 2, 3]), width: 1, height: 1 })).toBe(
      'e638149a7141c7469d8af26ccb7f5f52',
    )
  })
})

describe('reading pixels', () => {
  test('gives three bytes a pixel in rows from the top left', async () => {
    const { data, width, height } = await readPixels(await picture().png().toBuffer())
    expect([width, height, data.length]).toEqual([40, 30, 3600])
    expect([...data.subarray(3, 6)]).toEqual([5, 5, 5])
    expect(data[40 * 3]).toBe(1)
  })

  test('turns a picture as its EXIF orientation says', async () => {
    const turned = await picture()
      .withExif({})
      .jpeg({ quality: 100 })
      .withMetadata({ orientation: 6 })
      .toBuffer()
    const { width, height } = await readPixels(turned)
    expect([width, height]).toEqual([30, 40])
  })

  test('brings the colours of print to those of the screen', async () => {
    const printed = await picture().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer()
    expect((await sharp(printed).metadata()).channels).toBe(4)
    const { data, width, height } = await readPixels(printed)
    expect(data.length).toBe(width * height * 3)
  })

  test('takes the first frame of a picture that moves', async () => {
    const frames = await sharp(Buffer.alloc(4 * 8 * 3, 50), {
      raw: { width: 4, height: 8, channels: 3, pageHeight: 4 },
    })
      .gif()
      .toBuffer()
    const { width, height } = await readPixels(frames)
    expect([width, height]).toEqual([4, 4])
  })

  test('lays transparency over white', async () => {
    const clear = await sharp({
      create: { width: 2, height: 2, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer()
    expect([...(await readPixels(clear)).data]).toEqual(Array(12).fill(255))
  })

  test('brings 16 bits to 8', async () => {
    const deep = await sharp(new Uint16Array([0, 65535, 32896, 257]), {
      raw: { width: 4, height: 1, channels: 1 },
    })
      .toColourspace('grey16')
      .png()
      .toBuffer()
    expect((await sharp(deep).metadata()).depth).toBe('ushort')
    const { data } = await readPixels(deep)
    expect([data[0], data[3]]).toEqual([0, 255])
    expect(Math.abs(data[6]! - 128)).toBeLessThanOrEqual(1)
  })

  test('reads from a path too', async () => {
    const workspace = await newWorkspace()
    const { file, id } = await storeImage(workspace, await picture().png().toBuffer())
    expect(imageId(await readPixels(workspace.paths.image(file)))).toBe(id)
  })
})

describe('storing a picture', () => {
  test.each([
    ['png', 'png'],
    ['jpeg', 'jpg'],
    ['webp', 'webp'],
  ] as const)('keeps the very bytes of a %s', async (format, extension) => {
    const workspace = await newWorkspace()
    const bytes = await picture()[format]().toBuffer()
    const stored = await storeImage(workspace, bytes)
    expect(stored).toMatchObject({ file: `${stored.id}.${extension}`, width: 40, height: 30, format })
    expect(await readFile(workspace.paths.image(stored.file))).toEqual(bytes)
  })

  test.each(['tiff', 'gif'] as const)('writes a %s as PNG with the same pixels', async format => {
    const workspace = await newWorkspace()
    const bytes = await picture()[format]().toBuffer()
    const stored = await storeImage(workspace, bytes)
    expect(stored.format).toBe('png')
    expect(imageId(await readPixels(workspace.paths.image(stored.file)))).toBe(
      imageId(await readPixels(bytes)),
    )
  })

  test('stores the same pixels once, in whatever file they come', async () => {
    const workspace = await newWorkspace()
    const first = await storeImage(workspace, await picture().png().toBuffer())
    const second = await storeImage(workspace, await picture().webp({ lossless: true }).toBuffer())
    expect(second).toEqual(first)
    expect(await readdir(workspace.paths.images)).toEqual([first.file])
  })
})

describe('a bad picture', () => {
  const code = (bytes: Uint8Array) =>
    readPixels(bytes, 'scan.png').then(
      () => 'none',
      error => error.code,
    )

  test('of 0 bytes is named and said to be empty', async () => {
    await expect(readPixels(new Uint8Array(), 'scan.png')).rejects.toMatchObject({
      code: 'image-empty',
      message: 'image: scan.png: 0 bytes; fetch or export it again',
    })
  })

  test('that is text is said to be undecodable', async () => {
    expect(await code(Buffer.from('this is no picture'))).toBe('image-undecodable')
  })

  test('that is cut off is said to be undecodable', async () => {
    const bytes = await picture().png().toBuffer()
    expect(await code(bytes.subarray(0, bytes.length / 2))).toBe('image-undecodable')
  })

  test('that is SVG is not drawn', async () => {
    expect(
      await code(
        Buffer.from(
          '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>',
        ),
      ),
    ).toMatch(/image-format|image-undecodable/)
  })

  test('of too many pixels is refused by its header alone', async () => {
    const header = Buffer.from(await picture(1).png().toBuffer())
    header.writeUInt32BE(100_000, 16)
    header.writeUInt32BE(100_000, 20)
    expect(await code(header)).toMatch(/image-too-large|image-undecodable/)
  })

  test('leaves nothing in the workspace', async () => {
    const workspace = await newWorkspace()
    await expect(storeImage(workspace, Buffer.from('no'), { originalName: 'a.png' })).rejects.toThrow(
      /a\.png/,
    )
    await expect(readdir(workspace.paths.images)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('cropping', () => {
  test('cuts out the box pixel by pixel', async () => {
    const whole = await readPixels(await picture().png().toBuffer())
    const part = await readPixels(await cropImage(whole, { left: 10, top: 5, width: 8, height: 4 }))
    expect([part.width, part.height]).toEqual([8, 4])
    expect(part.data[0]).toBe(55)
  })

  test('cuts a box that reaches out to the picture', async () => {
    const part = await readPixels(
      await cropImage(await picture().png().toBuffer(), { left: -5, top: 20, width: 1000, height: 1000 }),
    )
    expect([part.width, part.height]).toEqual([40, 10])
  })

  test('of a box outside is refused', async () => {
    const bytes = await picture().png().toBuffer()
    await expect(cropImage(bytes, { left: 50, top: 0, width: 5, height: 5 })).rejects.toMatchObject({
      code: 'image-crop',
    })
    await expect(cropImage(bytes, { left: 0, top: 0, width: Number.NaN, height: 5 })).rejects.toMatchObject({
      code: 'image-crop',
    })
  })

  test('gives the same bytes each time', async () => {
    const pixels = await readPixels(await picture().png().toBuffer())
    expect(await encodePng(pixels)).toEqual(await encodePng(pixels))
  })
})
