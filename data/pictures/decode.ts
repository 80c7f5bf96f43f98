import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import type { Hounsfield } from '../dicom/hounsfield-image.ts'
import { isDicom } from '../dicom/signature.ts'
import { LesionloopError, messageOf } from '../errors.ts'

/** Pictures of more pixels are refused before they are decoded. */
export const PIXEL_LIMIT = 100_000_000

/** Decoded pixels: 8-bit sRGB, three bytes a pixel, row by row from the top left. */
export interface Pixels {
  data: Uint8Array // [height, width, 3]
  width: number
  height: number
}

/** What we decode. SVG and PDF are programs of a kind and never decoded as pictures. */
const DECODED = new Set(['png', 'jpeg', 'webp', 'gif', 'tiff', 'heif'])

/**
 * Decodes a picture as a person sees it: EXIF orientation applied, colour profile brought to sRGB, transparency laid
 * over white (the paper a figure is printed on), 16 bits brought to 8. A DICOM slice of a CT comes through the lung window.
 * In this process: for pictures that are in the workspace already, and for workers; what comes from outside goes through
 * `decodedApart`.
 * @throws LesionloopError `image-empty`, `image-undecodable`, `image-format`, `image-too-large`, `dicom-…`.
 */
export async function readPixels(source: string | Uint8Array, name?: string): Promise<Pixels> {
  const what = name ?? (typeof source === 'string' ? source : 'picture')
  const bytes = typeof source === 'string' ? await readFile(source) : source
  return (await decode(bytes, what)).pixels
}

/** Identity of a picture: the hash of its decoded pixels and size, so that another encoder makes no other image. */
export function imageId({ data, width, height }: Pixels): string {
  return createHash('sha256').update(`${width}x${height}\n`).update(data).digest('hex').slice(0, 32)
}

/** A part of a picture as PNG; the box in pixels, cut to the picture. @throws LesionloopError `image-crop` where nothing is left. */
export async function cropImage(
  source: string | Uint8Array | Pixels,
  box: { left: number; top: number; width: number; height: number },
): Promise<Uint8Array> {
  const pixels =
    typeof source === 'string' || source instanceof Uint8Array ? await readPixels(source) : source
  const left = Math.max(0, Math.round(box.left))
  const top = Math.max(0, Math.round(box.top))
  const width = Math.min(pixels.width, Math.round(box.left + box.width)) - left
  const height = Math.min(pixels.height, Math.round(box.top + box.height)) - top
  if (!(width > 0 && height > 0))
    throw new LesionloopError(
      'image-crop',
      `crop: ${box.width} × ${box.height} at ${box.left}, ${box.top}: outside the picture of ${pixels.width} × ${pixels.height} pixels; give a box inside it`,
    )
  return await raw(pixels).extract({ left, top, width, height }).png(PNG).toBuffer()
}

/** PNG bytes of pixels. */
export async function encodePng(pixels: Pixels): Promise<Uint8Array> {
  return await raw(pixels).png(PNG).toBuffer()
}

// Fixed, so that the same pixels give the same file.
const PNG = { compressionLevel: 9, adaptiveFiltering: false, palette: false } as const

const raw = ({ data, width, height }: Pixels) =>
  sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: PIXEL_LIMIT })

export interface Decoded {
  pixels: Pixels
  format: string
  units?: Hounsfield
}

/** Decodes the bytes of a file, and says what they were; a CT's DICOM file in Hounsfield units too. Throws as `readPixels`. */
export async function decode(bytes: Uint8Array, what: string): Promise<Decoded> {
  if (bytes.length === 0)
    throw new LesionloopError('image-empty', `image: ${what}: 0 bytes; fetch or export it again`, {
      name: what,
    })
  if (isDicom(bytes)) {
    // Loaded here alone: most workspaces hold no DICOM.
    const { readDicomSlice } = await import('../dicom/slice.ts')
    const { pixels, hounsfield, slope } = await readDicomSlice(bytes, { name: what })
    const { width, height } = pixels
    const units = hounsfield && { values: hounsfield, width, height, slope }
    return { pixels, format: 'dicom', ...(units ? { units } : {}) }
  }
  // Some decoders stumble only over real damage, others warn of any oddity; "error" takes what a browser shows.
  const options = { limitInputPixels: false, failOn: 'error', pages: 1 } as const
  try {
    const { format, width, height } = await sharp(bytes, options).metadata()
    if (!DECODED.has(format))
      throw new LesionloopError(
        'image-format',
        `image: ${what}: ${format}: expected PNG, JPEG, WebP, GIF, TIFF or DICOM; convert it to PNG`,
        { name: what, format },
      )
    if (width * height > PIXEL_LIMIT)
      throw new LesionloopError(
        'image-too-large',
        `image: ${what}: ${width} × ${height} pixels: expected at most ${PIXEL_LIMIT / 1e6} million; scale it down`,
        { name: what, width, height },
      )
    const { data, info } = await sharp(bytes, options)
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    return {
      pixels: { data: threeChannels(data, info.channels), width: info.width, height: info.height },
      format,
    }
  } catch (error) {
    if (error instanceof LesionloopError) throw error
    throw new LesionloopError(
      'image-undecodable',
      `image: ${what}: can't be decoded (${messageOf(error)}); open it in a viewer, and save it as PNG if it shows`,
      { name: what },
      { cause: error },
    )
  }
}

function threeChannels(data: Uint8Array, channels: number): Uint8Array {
  // A plain array: a Buffer's `slice` would share its memory.
  if (channels === 3) return new Uint8Array(data.buffer, data.byteOffset, data.length)
  const pixels = data.length / channels
  const rgb = new Uint8Array(pixels * 3)
  for (let i = 0; i < pixels; i++)
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = data[i * channels + (channels > 2 ? c : 0)]!
  return rgb
}
