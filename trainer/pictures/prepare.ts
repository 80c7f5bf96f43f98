import sharp from 'sharp'
import { type Pixels, readPixels } from '../../data/workspace/images.ts'
import type { Raster } from './affine.ts'
import { cut, withoutBorders } from './borders.ts'
import { withoutMarks } from './marks.ts'
import type { PictureOptions } from './picture-options.ts'

/** A decoded picture, cleaned by the options and stretched to a square: what is kept in memory between epochs. */
export interface Prepared {
  picture: Raster<Uint8Array>
  /** Width by height before it was stretched. */
  aspect: number
}

/**
 * Decodes a picture, cleans it by the options and stretches it to `size` × `size`; one channel where it is all grey.
 * @throws LesionloopError `image-…`, `dicom-…` where it can't be decoded.
 */
export async function prepare(
  source: string | Uint8Array,
  size: number,
  options: PictureOptions = {},
  name?: string,
): Promise<Prepared> {
  const pixels = cleaned(await readPixels(source, name), options)
  const { data, info } = await sharp(pixels.data, {
    raw: { width: pixels.width, height: pixels.height, channels: 3 },
    limitInputPixels: false,
  })
    .resize(size, size, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const stretched = { data: new Uint8Array(data), width: size, height: size }
  if (info.channels !== 3) throw new Error(`resize: ${info.channels} channels: expected 3`)
  return {
    picture: oneChannel(stretched, options.grey === true),
    aspect: pixels.width / pixels.height,
  }
}

/** Marks first: once they are gone the black they stood on can be cut off. */
function cleaned(pixels: Pixels, { marks, borders }: PictureOptions): Pixels {
  const unmarked = marks ? withoutMarks(pixels) : pixels
  return borders ? cut(unmarked, withoutBorders(unmarked)) : unmarked
}

function oneChannel({ data, width, height }: Pixels, grey: boolean): Raster<Uint8Array> {
  let colour = false
  for (let at = 0; at < data.length && !colour; at += 3)
    colour = data[at] !== data[at + 1] || data[at] !== data[at + 2]
  if (colour && !grey) return { data, width, height, channels: 3 }
  const one = new Uint8Array(width * height)
  for (let at = 0, from = 0; at < one.length; at++, from += 3)
    one[at] = colour
      ? Math.round(0.299 * data[from]! + 0.587 * data[from + 1]! + 0.114 * data[from + 2]!)
      : data[from]!
  return { data: one, width, height, channels: 1 }
}
