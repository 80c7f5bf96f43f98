import sharp from 'sharp'
import { strokeDistance } from '../phantom/field.ts'
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

/** Burns a white arrow into a grey picture: its tip at one place, its shaft from the direction of another. */
export function burnArrow(
  image: RasterImage,
  tip: { x: number; y: number },
  towards: { x: number; y: number },
): void {
  const far = Math.hypot(tip.x - towards.x, tip.y - towards.y) || 1
  const ux = (towards.x - tip.x) / far
  const uy = (towards.y - tip.y) / far
  const length = 24
  const strokes: [number, number, number, number][] = [[0, 0, length, 0]]
  for (const side of [-1, 1]) strokes.push([0, 0, 8, side * 5.5])
  for (let y = Math.floor(tip.y - length - 4); y < tip.y + length + 4; y++)
    for (let x = Math.floor(tip.x - length - 4); x < tip.x + length + 4; x++) {
      if (x < 0 || y < 0 || x >= image.width || y >= image.height) continue
      const along = (x - tip.x) * ux + (y - tip.y) * uy
      const across = -(x - tip.x) * uy + (y - tip.y) * ux
      const near = Math.min(
        ...strokes.map(([ax, ay, bx, by]) => strokeDistance(along, across, ax, ay, bx, by, 1.5)),
      )
      const index = y * image.width + x
      const rim = Math.max(0, Math.min(1, 0.5 - (near - 1.2))) * 0.7
      const cover = Math.max(0, Math.min(1, 0.5 - near))
      image.data[index] = Math.round(image.data[index]! * (1 - rim) * (1 - cover) + 250 * cover)
    }
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
