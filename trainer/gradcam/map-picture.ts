import sharp from 'sharp'
import type { HeatMap } from './heat-map.ts'
import { resizeMap } from './resize-map.ts'

/** Side of the overlay; smooth to the eye at any zoom, and small. */
const SIDE = 224

/**
 * A heat map as a PNG to lay over its picture: from clear through amber to pale yellow as the evidence grows, scaled to the map's own peak.
 * null where nothing in the picture speaks for the head.
 */
export async function mapPicture({ values, peak, ...from }: HeatMap): Promise<Uint8Array | null> {
  if (peak <= 0) return null
  const over = resizeMap(values, from, { width: SIDE, height: SIDE })
  const rgba = new Uint8Array(SIDE * SIDE * 4)
  over.forEach((value, at) => {
    const share = Math.min(1, value / peak)
    rgba[at * 4] = 255
    rgba[at * 4 + 1] = Math.round(70 + 170 * share ** 2)
    rgba[at * 4 + 2] = Math.round(20 + 120 * share ** 4)
    rgba[at * 4 + 3] = Math.round(255 * share)
  })
  return await sharp(rgba, { raw: { width: SIDE, height: SIDE, channels: 4 } })
    .png({ compressionLevel: 6 })
    .toBuffer()
}
