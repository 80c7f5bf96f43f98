import { mkdir } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import sharp from 'sharp'
import type { Head } from '../../data/records/vocabulary.ts'
import { nodeFiles, writeFileAtomically } from '../../data/workspace/files.ts'
import type { Pixels } from '../../data/workspace/images.ts'
import { pictureInput } from '../features/picture.ts'
import { heatMaps, type MapModel } from '../gradcam/heat-map.ts'
import { mapPicture } from '../gradcam/map-picture.ts'

/** As the page lays a map over its picture when it is first shown. */
const OPACITY = 0.6

/**
 * Writes the picture under the heat map of each head that something in it speaks for: `<picture>.<head>.png` in a folder,
 * which is made where it is not there, at the picture's own size. @returns the files, by head.
 */
export async function writeMaps(
  model: MapModel,
  of: { bytes: Uint8Array; pixels: Pixels; name: string; folder: string },
): Promise<{ head: Head; file: string }[]> {
  const { bytes, pixels, name, folder } = of
  const { width, height } = pixels
  const stem = basename(name, extname(name))
  const written: { head: Head; file: string }[] = []
  await mkdir(folder, { recursive: true })
  for (const [head, map] of heatMaps(model, await pictureInput(bytes, model.preprocessing, name))) {
    const png = await mapPicture(map)
    if (!png) continue
    const over = await sharp(png).resize({ width, height, fit: 'fill', kernel: 'cubic' }).raw().toBuffer()
    for (let at = 3; at < over.length; at += 4) over[at] = Math.round(over[at]! * OPACITY)
    const laid = await sharp(pixels.data, { raw: { width, height, channels: 3 } })
      .composite([{ input: over, raw: { width, height, channels: 4 } }])
      .png()
      .toBuffer()
    const file = join(folder, `${stem}.${head}.png`)
    await writeFileAtomically(nodeFiles, file, laid)
    written.push({ head, file })
  }
  return written
}
