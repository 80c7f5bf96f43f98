import sharp from 'sharp'
import { readPixels } from '../../data/workspace/images.ts'
import type { Preprocessing } from '../backbones/backbone.ts'

/**
 * A picture as a network's input: stretched to a square, [S, S, C] row by row, (x / 255 − mean) / std.
 * @param source a path, or a file's bytes. @throws LesionloopError `image-…` where it can't be decoded.
 */
export async function pictureInput(
  source: string | Uint8Array,
  { size, channels, mean, std }: Preprocessing,
  name?: string,
): Promise<Float32Array> {
  const pixels = await readPixels(source, name)
  const { data, info } = await sharp(pixels.data, {
    raw: { width: pixels.width, height: pixels.height, channels: 3 },
    limitInputPixels: false,
  })
    .resize(size, size, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const scaled = new Float32Array(size * size * mean.length)
  if (channels === 'grey') {
    // Rec. 601 luma, as in the shortcut control.
    for (let at = 0, from = 0; at < scaled.length; at++, from += info.channels)
      scaled[at] =
        ((0.299 * data[from]! + 0.587 * data[from + 1]! + 0.114 * data[from + 2]!) / 255 - mean[0]!) / std[0]!
    return scaled
  }
  for (let at = 0; at < scaled.length; at++) scaled[at] = (data[at]! / 255 - mean[at % 3]!) / std[at % 3]!
  return scaled
}
