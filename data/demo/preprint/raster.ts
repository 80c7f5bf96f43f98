import sharp from 'sharp'
import { drawGlyphs, type Glyphs } from './glyphs.ts'

/** A picture in 8 bits, one channel or three. */
export interface RasterImage {
  width: number
  height: number
  channels: 1 | 3
  data: Uint8Array
}

export type Encoding = 'png-grey' | 'png-rgb' | 'jpeg-grey' | 'jpeg-rgb'
export const ENCODINGS: readonly Encoding[] = ['png-grey', 'png-rgb', 'jpeg-grey', 'jpeg-rgb']

export function blankImage(width: number, height: number, shade: number): RasterImage {
  return { width, height, channels: 1, data: new Uint8Array(width * height).fill(shade) }
}

/** Puts a grey picture into another at a place. */
export function pasteImage(
  into: RasterImage,
  from: { width: number; height: number; pixels: Uint8Array },
  x: number,
  y: number,
) {
  for (let row = 0; row < from.height; row++)
    into.data.set(from.pixels.subarray(row * from.width, (row + 1) * from.width), (y + row) * into.width + x)
}

/** Burns a short text into a grey picture, with a darker rim so that it stays legible on any ground. */
export function burnText(image: RasterImage, glyphs: Glyphs, shade: number): void {
  const put = (weight: number, value: number, strength: number) =>
    drawGlyphs({ ...glyphs, weight }, (x, y, cover) => {
      if (x < 0 || y < 0 || x >= image.width || y >= image.height) return
      const index = y * image.width + x
      image.data[index] = Math.round(image.data[index]! + (value - image.data[index]!) * cover * strength)
    })
  if (shade > 128) put(glyphs.weight + 2.4, 0, 0.75)
  put(glyphs.weight, shade, 1)
}

/** Encodes a picture; the bytes depend on the pixels and the pinned image library alone. */
export async function encodeImage(image: RasterImage, encoding: Encoding, quality = 82): Promise<Buffer> {
  const rgb = encoding.endsWith('rgb')
  let data = image.data
  let channels = image.channels
  if (rgb && channels === 1) {
    data = new Uint8Array(image.data.length * 3)
    for (let i = 0; i < image.data.length; i++) data.fill(image.data[i]!, i * 3, i * 3 + 3)
    channels = 3
  }
  const raw = sharp(data, { raw: { width: image.width, height: image.height, channels } })
  const coloured = raw.toColourspace(rgb ? 'srgb' : 'b-w')
  return encoding.startsWith('png')
    ? coloured.png({ compressionLevel: 9, adaptiveFiltering: true }).toBuffer()
    : coloured.jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer()
}
