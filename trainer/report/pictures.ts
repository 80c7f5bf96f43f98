import sharp from 'sharp'
import { type Pixels, readPixels } from '../../data/workspace/images.ts'
import type { SmallMap, SmallPicture } from './report-data.ts'

/** Longest side of a picture in the report. */
const SIDE = 176
/** Below this share of the scale a map is not drawn: a haze over everything points at nothing. */
const FAINT = 0.15
/** Share of its brightness a picture keeps beneath a map. */
const DIMMED = 0.7

/** A picture as it stands in the report: small, grey. @throws LesionloopError `image-…`. */
export async function smallPicture(path: string, name: string): Promise<SmallPicture> {
  const pixels: Pixels = await readPixels(path, name)
  const { data, info } = await sharp(pixels.data, {
    raw: { width: pixels.width, height: pixels.height, channels: 3 },
    limitInputPixels: false,
  })
    .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
    .greyscale()
    .jpeg({ quality: 80 })
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, jpeg: data.toString('base64') }
}

/**
 * A picture with a heat map over it, as JPEG in base64: the picture somewhat darker, clear where the map is nought, red
 * to yellow where it is hot, so that colour stands out of black lung and white soft tissue alike.
 */
export async function heatedPicture(
  { jpeg, width, height }: SmallPicture,
  map: SmallMap,
  /** The peak that is drawn as the hottest colour. */
  scale: number,
): Promise<string> {
  const heat = Buffer.alloc(4 * map.width * map.height)
  map.values.forEach((value, at) => {
    const share = scale > 0 ? Math.min(1, (value / 100) * (map.peak / scale)) : 0
    const shown = Math.max(0, (share - FAINT) / (1 - FAINT))
    const [red, green, blue] = [170 + 85 * shown, 10 + 215 * shown, 70 - 50 * shown]
    heat.set([red, green, blue, 225 * shown ** 0.8].map(Math.round), 4 * at)
  })
  const over = await sharp(heat, { raw: { width: map.width, height: map.height, channels: 4 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .png()
    .toBuffer()
  const data = await sharp(Buffer.from(jpeg, 'base64'))
    .toColourspace('srgb')
    .linear(DIMMED, 0)
    .composite([{ input: over }])
    .jpeg({ quality: 76 })
    .toBuffer()
  return data.toString('base64')
}
