import { readFileSync } from 'node:fs'
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { imageId, readPixels } from '../../../data/workspace/images.ts'
import {
  CAPTION,
  colourAt,
  difference,
  greyAt,
  H,
  minedFrom,
  packed,
  type RawPicture,
  rawPdf,
  samples,
  W,
  whiteAt,
  withPicture,
} from './raw-pdf.ts'

const SIZE = `/Width ${W} /Height ${H}`
const GREY: RawPicture = {
  dictionary: `${SIZE} /ColorSpace /DeviceGray /BitsPerComponent 8`,
  bytes: samples(greyAt),
}
const fixture = (name: string) => readFileSync(new URL(`../../fixtures/pdf/${name}`, import.meta.url))
const hex = (bytes: Uint8Array) => `${Buffer.from(bytes).toString('hex')}>`
const white = (x: number, y: number) => (whiteAt(x, y) ? 255 : 0)
const only = async (bytes: Uint8Array) => {
  const given = await minedFrom(bytes)
  expect(given.length).toBe(1)
  return given[0]!
}
const stored = async (picture: RawPicture, of: Parameters<typeof difference>[1], within: number) => {
  const { pixels } = await only(withPicture(picture))
  expect([pixels.width, pixels.height]).toEqual([W, H])
  expect(difference(pixels, of)).toBeLessThanOrEqual(within)
}

describe('a picture comes out right however it is stored', () => {
  it('8 bits of grey', () => stored(GREY, greyAt, 0))

  it('8 bits of colour', () =>
    stored(
      { dictionary: `${SIZE} /ColorSpace /DeviceRGB /BitsPerComponent 8`, bytes: samples(colourAt) },
      colourAt,
      0,
    ))

  it('16 bits of grey', () =>
    stored(
      {
        dictionary: `${SIZE} /ColorSpace /DeviceGray /BitsPerComponent 16`,
        bytes: samples((x, y) => [greyAt(x, y), 0x80]),
      },
      greyAt,
      1,
    ))

  it('16 bits of colour', () =>
    stored(
      {
        dictionary: `${SIZE} /ColorSpace /DeviceRGB /BitsPerComponent 16`,
        bytes: samples((x, y) => colourAt(x, y).flatMap(value => [value, 0x40])),
      },
      colourAt,
      1,
    ))

  it('4 bits of grey', () =>
    stored(
      {
        dictionary: `${SIZE} /ColorSpace /DeviceGray /BitsPerComponent 4`,
        bytes: packed((x, y) => greyAt(x, y) >> 4, 4),
      },
      (x, y) => (greyAt(x, y) >> 4) * 17,
      1,
    ))

  it('indexed colours of 8 bits', () =>
    stored(
      {
        dictionary: `${SIZE} /ColorSpace [/Indexed /DeviceRGB 255 <${hex(Uint8Array.from({ length: 768 }, (_, i) => (i % 3 === 0 ? i / 3 : 255 - Math.floor(i / 3))))}] /BitsPerComponent 8`,
        bytes: samples(greyAt),
      },
      (x, y) => [greyAt(x, y), 255 - greyAt(x, y), 255 - greyAt(x, y)],
      0,
    ))

  it('indexed colours of 2 bits', () =>
    stored(
      {
        dictionary: `${SIZE} /ColorSpace [/Indexed /DeviceRGB 3 <000000 ff0000 00ff00 0000ff>] /BitsPerComponent 2`,
        bytes: packed((x, y) => greyAt(x, y) >> 6, 2),
      },
      (x, y) =>
        [
          [0, 0, 0],
          [255, 0, 0],
          [0, 255, 0],
          [0, 0, 255],
        ][greyAt(x, y) >> 6]!,
      0,
    ))

  it('1 bit', () =>
    stored(
      {
        dictionary: `${SIZE} /ColorSpace /DeviceGray /BitsPerComponent 1`,
        bytes: packed((x, y) => (whiteAt(x, y) ? 1 : 0), 1),
      },
      white,
      0,
    ))

  it('1 bit with its meaning turned around by /Decode', () =>
    stored(
      {
        dictionary: `${SIZE} /ColorSpace /DeviceGray /BitsPerComponent 1 /Decode [1 0]`,
        bytes: packed((x, y) => (whiteAt(x, y) ? 0 : 1), 1),
      },
      white,
      0,
    ))

  it('four inks', () =>
    stored(
      {
        dictionary: `${SIZE} /ColorSpace /DeviceCMYK /BitsPerComponent 8`,
        bytes: samples((x, y) => [0, 0, 0, 255 - greyAt(x, y)]),
      },
      // Black ink on paper is (35, 31, 32) on a screen; between it and white its dots spread somewhat.
      (x, y) => 33 + (greyAt(x, y) * 222) / 255,
      14,
    ))

  it('JPEG 2000', () =>
    stored({ dictionary: `${SIZE} /Filter /JPXDecode`, bytes: fixture('ramp.jp2') }, greyAt, 0))

  it('JBIG2', () =>
    stored(
      {
        dictionary: `${SIZE} /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /JBIG2Decode`,
        bytes: fixture('shapes.jb2'),
      },
      white,
      0,
    ))

  it('fax code', () =>
    stored(
      {
        dictionary: `${SIZE} /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns ${W} /Rows ${H} >>`,
        bytes: fixture('shapes.g4'),
      },
      white,
      0,
    ))

  it('an inline picture', async () => {
    const content = `q 320 0 0 240 140 450 cm\nBI /W ${W} /H ${H} /CS /G /BPC 8 /F /AHx ID ${hex(samples(greyAt))}\nEI Q\n${CAPTION}`
    const { pixels } = await only(rawPdf({ content }))
    expect([pixels.width, pixels.height]).toEqual([W, H])
    expect(difference(pixels, greyAt)).toBe(0)
  })

  it('a small inline picture, which lies in the operator itself', async () => {
    const small = samples((x, y) => greyAt(2 * x, 2 * y), W / 2, H / 2)
    const content = `q 320 0 0 240 140 450 cm\nBI /W ${W / 2} /H ${H / 2} /CS /G /BPC 8 /F /AHx ID ${hex(small)}\nEI Q\n${CAPTION}`
    const { pixels } = await only(rawPdf({ content }))
    expect([pixels.width, pixels.height]).toEqual([W / 2, H / 2])
    expect(difference(pixels, (x, y) => greyAt(2 * x, 2 * y), W / 2, H / 2)).toBe(0)
  })

  it('a stencil, drawn in the colour of the moment', async () => {
    const stencil = {
      dictionary: `${SIZE} /ImageMask true /BitsPerComponent 1`,
      bytes: packed((x, y) => (whiteAt(x, y) ? 1 : 0), 1),
    }
    const [given] = await minedFrom(withPicture(stencil, '0 0 0.6 rg 320 0 0 240 140 450 cm'))
    const box = given!.pixels
    expect(box.width).toBeGreaterThan(800)
    expect(difference(box, (x, y) => (whiteAt(x, y) ? [255, 255, 255] : [0, 0, 153]))).toBeLessThan(6)
  })

  it('a soft mask, laid over white paper', async () => {
    const mask = `${SIZE} /ColorSpace /DeviceGray /BitsPerComponent 8`
    const bytes = rawPdf({
      pictures: [
        { dictionary: `${GREY.dictionary} /SMask 7 0 R`, bytes: GREY.bytes },
        { dictionary: mask, bytes: samples(x => (x < W / 2 ? 255 : 0)) },
      ],
      content: `q 320 0 0 240 140 450 cm /I0 Do Q\n${CAPTION}`,
    })
    const { pixels } = await only(bytes)
    expect(difference(pixels, (x, y) => (x < W / 2 ? greyAt(x, y) : 255))).toBeLessThan(1)
  })

  it('a colour that is left out', async () => {
    const picture = { ...GREY, dictionary: `${GREY.dictionary} /Mask [250 250]` }
    const { pixels } = await only(withPicture(picture))
    expect(difference(pixels, (x, y) => (greyAt(x, y) === 250 ? 255 : greyAt(x, y)))).toBeLessThan(1)
  })
})

describe('a picture comes out as the page shows it', () => {
  const shown = async (transform: string, of: (x: number, y: number) => number, w = W, h = H) => {
    const { pixels } = await only(withPicture(GREY, transform))
    expect([pixels.width, pixels.height]).toEqual([w, h])
    expect(difference(pixels, of, w, h)).toBe(0)
  }

  it('mirrored left to right', () => shown('-320 0 0 240 460 450 cm', (x, y) => greyAt(W - 1 - x, y)))

  it('painted upside down', () => shown('320 0 0 -240 140 690 cm', (x, y) => greyAt(x, H - 1 - y)))

  it('turned by a half', () => shown('-320 0 0 -240 460 690 cm', (x, y) => greyAt(W - 1 - x, H - 1 - y)))

  it('turned by a quarter to the left', () =>
    shown('0 320 -240 0 420 450 cm', (x, y) => greyAt(W - 1 - y, x), H, W))

  it('turned by a quarter to the right', () =>
    shown('0 -320 240 0 180 770 cm', (x, y) => greyAt(y, H - 1 - x), H, W))

  it('slanted, by drawing it at its own resolution', async () => {
    const { pixels } = await only(withPicture(GREY, '300 60 -60 220 180 450 cm'))
    expect([pixels.width, pixels.height]).toEqual([189, 147])
  })

  it('on a page that is itself turned', async () => {
    const bytes = rawPdf({
      pictures: [GREY],
      // Text and picture run upwards on paper, and lie straight once the page is turned as its /Rotate says.
      content: `q 0 320 -240 0 350 140 cm /I0 Do Q\nBT /F1 10 Tf 0 1 -1 0 375 140 Tm (Figure 1. An axial slice of the chest at admission.) Tj ET\n`,
      page: '/Rotate 90',
    })
    const { pixels } = await only(bytes)
    expect([pixels.width, pixels.height]).toEqual([W, H])
    expect(difference(pixels, greyAt)).toBe(0)
  })

  it('cut to its clip', async () => {
    const bytes = rawPdf({
      pictures: [GREY],
      content: `q 140 450 160 240 re W n 320 0 0 240 140 450 cm /I0 Do Q\n${CAPTION}`,
    })
    const { pixels } = await only(bytes)
    expect([pixels.width, pixels.height]).toEqual([W / 2, H])
    expect(difference(pixels, greyAt, W / 2, H)).toBe(0)
  })
})

describe('a picture cut into strips is one again', () => {
  const strip = (x0: number, y0: number, w: number, h: number): RawPicture => ({
    dictionary: `/Width ${w} /Height ${h} /ColorSpace /DeviceGray /BitsPerComponent 8`,
    bytes: samples((x, y) => greyAt(x0 + x, y0 + y), w, h),
  })

  it('of lying strips', async () => {
    const pictures = Array.from({ length: 6 }, (_, i) => strip(0, 20 * i, W, 20))
    const paint = pictures.map((_, i) => `q 320 0 0 40 140 ${650 - 40 * i} cm /I${i} Do Q\n`).join('')
    const { pixels } = await only(rawPdf({ pictures, content: paint + CAPTION }))
    expect([pixels.width, pixels.height]).toEqual([W, H])
    expect(difference(pixels, greyAt)).toBeLessThan(2)
  })

  it('of standing strips', async () => {
    const pictures = Array.from({ length: 8 }, (_, i) => strip(20 * i, 0, 20, H))
    const paint = pictures.map((_, i) => `q 40 0 0 240 ${140 + 40 * i} 450 cm /I${i} Do Q\n`).join('')
    const { pixels } = await only(rawPdf({ pictures, content: paint + CAPTION }))
    expect([pixels.width, pixels.height]).toEqual([W, H])
    expect(difference(pixels, greyAt)).toBeLessThan(2)
  })
})

describe('a picture that is one JPEG keeps its bytes', async () => {
  const encode = (of: typeof greyAt | typeof colourAt, channels: 1 | 3) =>
    sharp(samples(of), { raw: { width: W, height: H, channels } })
      .jpeg({ quality: 92 })
      .toBuffer()
  const [grey, colour] = await Promise.all([encode(greyAt, 1), encode(colourAt, 3)])
  const dictionary = `${SIZE} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode`
  const jpeg: RawPicture = { dictionary, bytes: colour }

  it('in colour, with the pixels that its bytes decode to', async () => {
    const given = await only(withPicture(jpeg))
    expect(Buffer.from(given.jpeg!).equals(colour)).toBe(true)
    expect(imageId(given.pixels)).toBe(imageId(await readPixels(colour)))
    expect(difference(given.pixels, colourAt)).toBeLessThan(6)
  })

  it('in grey', async () => {
    const given = await only(withPicture({ dictionary: dictionary.replace('RGB', 'Gray'), bytes: grey }))
    expect(Buffer.from(given.jpeg!).equals(grey)).toBe(true)
  })

  it('packed once more', async () => {
    const packedTwice = {
      dictionary: dictionary.replace('/DCTDecode', '[/FlateDecode /DCTDecode]'),
      bytes: deflateSync(colour),
    }
    expect(Buffer.from((await only(withPicture(packedTwice))).jpeg!).equals(colour)).toBe(true)
  })

  it('not where it is mirrored, turned or cut', async () => {
    for (const transform of [
      '-320 0 0 240 460 450 cm',
      '0 320 -240 0 420 450 cm',
      '140 450 160 240 re W n 320 0 0 240 140 450 cm',
    ])
      expect((await only(withPicture(jpeg, transform))).jpeg).toBeUndefined()
  })

  it('not where a mask or /Decode changes what is shown', async () => {
    for (const more of ['/Mask [0 9 0 9 0 9]', '/Decode [1 0 1 0 1 0]'])
      expect((await only(withPicture({ ...jpeg, dictionary: `${dictionary} ${more}` }))).jpeg).toBeUndefined()
  })

  it('not where the PDF gives its samples other colours', async () => {
    const lookup = hex(Uint8Array.from({ length: 768 }, (_, i) => (i % 3 === 0 ? 255 : 0)))
    const indexed = {
      dictionary: `${SIZE} /ColorSpace [/Indexed /DeviceRGB 255 <${lookup}] /BitsPerComponent 8 /Filter /DCTDecode`,
      bytes: grey,
    }
    expect((await only(withPicture(indexed))).jpeg).toBeUndefined()
  })

  it('not in four inks, which come out in their colours all the same', async () => {
    const inks = await sharp(colour).toColourspace('cmyk').jpeg({ quality: 92 }).toBuffer()
    const given = await only(
      withPicture({
        dictionary: `${SIZE} /ColorSpace /DeviceCMYK /BitsPerComponent 8 /Decode [1 0 1 0 1 0 1 0] /Filter /DCTDecode`,
        bytes: inks,
      }),
    )
    expect(given.jpeg).toBeUndefined()
    expect([given.pixels.width, given.pixels.height]).toEqual([W, H])
    expect(difference(given.pixels, colourAt)).toBeLessThan(25)
  })

  it('the newest of an object that was replaced', async () => {
    const old = withPicture({ dictionary: dictionary.replace('RGB', 'Gray'), bytes: grey })
    const at = Buffer.concat([
      old,
      Buffer.from(
        `6 0 obj\n<< /Type /XObject /Subtype /Image ${dictionary} /Length ${colour.length} >>\nstream\n`,
      ),
      colour,
      Buffer.from('\nendstream\nendobj\n'),
    ])
    const previous = /startxref\n(\d+)/.exec(Buffer.from(old).toString('latin1'))![1]
    const bytes = Buffer.concat([
      at,
      Buffer.from(
        `xref\n6 1\n${String(old.length).padStart(10, '0')} 00000 n \ntrailer\n<< /Size 7 /Root 1 0 R /Prev ${previous} >>\nstartxref\n${at.length}\n%%EOF\n`,
      ),
    ])
    expect(Buffer.from((await only(new Uint8Array(bytes))).jpeg!).equals(colour)).toBe(true)
  })
})
