import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { isDicom } from '../../data/dicom/signature.ts'
import { type DicomSlice, readDicomSlice } from '../../data/dicom/slice.ts'
import { cut, type PixelBox, withoutBorders } from '../../data/pictures/borders.ts'
import { decodedApart } from '../../data/pictures/decode-apart.ts'
import { type Pixels, readPixels } from '../../data/workspace/images.ts'
import type { Raster } from './affine.ts'
import { withoutMarks } from './marks.ts'
import type { PictureOptions } from './picture-options.ts'
import { stretched } from './stretch.ts'

/** A decoded picture, cleaned by the options and stretched to a square: what is kept in memory between epochs. */
export interface Prepared {
  picture: Raster<Uint8Array>
  /** The same in Hounsfield units, where the file holds them: another window can be put over them. */
  units: Raster<Int16Array> | null
  /** Width by height before it was stretched. */
  aspect: number
}

/**
 * Decodes a picture, cleans it by the options and stretches it to `size` × `size`; one channel where it is all grey.
 * @param source a path of a picture that the workspace holds, or the bytes of a file that somebody gave: these are
 *   decoded in a process of its own.
 * @throws LesionloopError `image-…`, `dicom-…` where it can't be decoded.
 */
export async function prepare(
  source: string | Uint8Array,
  size: number,
  options: PictureOptions = {},
  name?: string,
): Promise<Prepared> {
  const found = await decoded(source, options, name)
  const unmarked = options.marks ? withoutMarks(found.pixels) : found.pixels
  // Once the marks are gone the black they stood on can be cut off.
  const box = options.borders ? withoutBorders(unmarked) : wholeOf(unmarked)
  const pixels = cut(unmarked, box)
  const { data, info } = await sharp(pixels.data, {
    raw: { width: pixels.width, height: pixels.height, channels: 3 },
    limitInputPixels: false,
  })
    .resize(size, size, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  if (info.channels !== 3) throw new Error(`resize: ${info.channels} channels: expected 3`)
  const square = { data: new Uint8Array(data), width: size, height: size }
  return {
    picture: oneChannel(square, options.grey === true),
    units: found.units && stretched(cutUnits(found.units, box), size),
    aspect: pixels.width / pixels.height,
  }
}

async function decoded(
  source: string | Uint8Array,
  { window }: PictureOptions,
  name?: string,
): Promise<{ pixels: Pixels; units: Raster<Float32Array> | null }> {
  const of = window ? { window } : {}
  if (typeof source !== 'string') {
    const what = name ?? 'picture'
    if (!isDicom(source)) return { pixels: await decodedApart('pixels', source, what), units: null }
    return unitsBeside(await decodedApart('slice', source, what, of))
  }
  const what = name ?? source
  const bytes = await readFile(source)
  if (!isDicom(bytes)) return { pixels: await readPixels(bytes, what), units: null }
  return unitsBeside(await readDicomSlice(bytes, { name: what, ...of }))
}

function unitsBeside({ width, height, hounsfield, pixels }: DicomSlice) {
  return { pixels, units: hounsfield && { data: hounsfield, width, height, channels: 1 as const } }
}

const wholeOf = ({ width, height }: Pixels): PixelBox => ({ left: 0, top: 0, width, height })

function cutUnits(units: Raster<Float32Array>, { left, top, width, height }: PixelBox): Raster<Float32Array> {
  const data = new Float32Array(width * height)
  for (let row = 0; row < height; row++) {
    const start = (top + row) * units.width + left
    data.set(units.data.subarray(start, start + width), row * width)
  }
  return { data, width, height, channels: 1 }
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
