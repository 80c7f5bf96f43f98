import sharp from 'sharp'
import type { Raster } from './affine.ts'

/** Gaussian blur, separable, edges going on; in place. @param sigma deviation in pixels. */
export function blur(picture: Raster<Uint8Array>, sigma: number): void {
  const reach = Math.max(1, Math.ceil(2.5 * sigma))
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, at) =>
    Math.exp(-((at - reach) ** 2) / (2 * sigma * sigma)),
  )
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const { data, width, height, channels } = picture
  const along = (count: number, stride: number, starts: Iterable<number>) => {
    const line = new Float64Array(count)
    for (const start of starts) {
      for (let at = 0; at < count; at++) line[at] = data[start + at * stride]!
      for (let at = 0; at < count; at++) {
        let value = 0
        for (let tap = -reach; tap <= reach; tap++)
          value += weights[tap + reach]! * line[Math.min(count - 1, Math.max(0, at + tap))]!
        data[start + at * stride] = Math.round(value / sum)
      }
    }
  }
  const row = width * channels
  along(
    width,
    channels,
    Array.from({ length: height * channels }, (_, at) => Math.floor(at / channels) * row + (at % channels)),
  )
  along(
    height,
    row,
    Array.from({ length: row }, (_, at) => at),
  )
}

/** The picture after JPEG at this quality and back. */
export async function recompressed(
  picture: Raster<Uint8Array>,
  quality: number,
): Promise<Raster<Uint8Array>> {
  const { data, width, height, channels } = picture
  const space = channels === 1 ? 'b-w' : 'srgb'
  const jpeg = await sharp(data, { raw: { width, height, channels } })
    .toColourspace(space)
    .jpeg({ quality })
    .toBuffer()
  const { data: bytes, info } = await sharp(jpeg)
    .toColourspace(space)
    .raw()
    .toBuffer({ resolveWithObject: true })
  if (info.channels !== channels) throw new Error(`jpeg: ${info.channels} channels: expected ${channels}`)
  return { data: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), width, height, channels }
}
