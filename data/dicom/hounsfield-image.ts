import { createHash } from 'node:crypto'
import sharp from 'sharp'
import type { HounsfieldImage, HounsfieldScale } from '../records/case.ts'
import { OUTSIDE } from './slice.ts'

/** A slice in Hounsfield units, row by row. */
export interface Hounsfield {
  values: ArrayLike<number>
  width: number
  height: number
  /** Units between two neighbouring stored values (rescale slope); 1 for nearly every scanner. */
  slope: number
}

/** A slice as a grey PNG of 16 bits; its name is a hash of values and size, the same whichever file it came from. */
export interface HounsfieldPng extends HounsfieldImage {
  png: Uint8Array
}

const GREYS = 65_536
/** Where all values are whole numbers of this range, a grey is the value above it: one scale for nearly all slices. */
const LOWEST = -32_768

/**
 * Writes a slice as a grey PNG of 16 bits, without loss; what lies outside the scan keeps a value far below all others.
 * No unit, date or name stands in the file.
 * @returns null where the values span more than 65,536 steps.
 */
export async function hounsfieldPng({
  values,
  width,
  height,
  slope,
}: Hounsfield): Promise<HounsfieldPng | null> {
  const scale = scaleOf(values, slope)
  if (!scale) return null
  const greys = new Uint16Array(width * height)
  for (let at = 0; at < greys.length; at++)
    greys[at] = Math.min(GREYS - 1, Math.max(0, Math.round((values[at]! - scale.intercept) / scale.slope)))
  const png = await sharp(greys, { raw: { width, height, channels: 1 } })
    .toColourspace('grey16')
    .png({ compressionLevel: 9, adaptiveFiltering: true, palette: false })
    .toBuffer()
  const hash = createHash('sha256')
    .update(`hounsfield ${width}x${height} ${scale.slope} ${scale.intercept}\n`)
    .update(new Uint8Array(greys.buffer))
    .digest('hex')
    .slice(0, 32)
  return { file: `${hash}.hu.png`, ...scale, png: new Uint8Array(png) }
}

function scaleOf(values: ArrayLike<number>, slope: number): HounsfieldScale | null {
  let whole = true
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!
    if (value === OUTSIDE) continue
    if (!Number.isFinite(value)) return null
    whole &&= Number.isInteger(value)
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  if (low > high) return null
  if (whole && low >= LOWEST && high < LOWEST + GREYS) return { slope: 1, intercept: LOWEST }
  const step = Math.abs(slope)
  // Steps below the least value, so that what lies outside the scan has one of its own where there is room.
  const room = Math.max(0, Math.ceil((low - OUTSIDE) / step))
  const steps = Math.round((high - low) / step)
  if (steps >= GREYS) return null
  return { slope: step, intercept: low - step * Math.min(room, GREYS - 1 - steps) }
}
