import { OUTSIDE } from '../dicom/slice.ts'
import type { Pixels } from '../workspace/images.ts'

/** A box as shares of the picture's width and height, from its top left. */
export interface ShareBox {
  x: number
  y: number
  width: number
  height: number
}

/** Pixels with each box filled with black; a pixel that a box only touches is black too. */
export function blackedOut<P extends Pixels>(pixels: P, boxes: readonly ShareBox[]): P {
  const data = pixels.data.slice()
  for (const [from, to] of runs(pixels, boxes)) data.fill(0, 3 * from, 3 * to)
  return { ...pixels, data }
}

/** The same of Hounsfield units: what lies in a box is as if it had not been scanned, which every window shows black. */
export function unitsBlackedOut(
  values: Float32Array,
  size: { width: number; height: number },
  boxes: readonly ShareBox[],
): Float32Array {
  const left = values.slice()
  for (const [from, to] of runs(size, boxes)) left.fill(OUTSIDE, from, to)
  return left
}

/** First pixel and the one behind the last of each row of each box. */
function* runs(
  { width, height }: { width: number; height: number },
  boxes: readonly ShareBox[],
): Generator<[number, number]> {
  for (const box of boxes) {
    const left = Math.max(0, Math.floor(box.x * width))
    const right = Math.min(width, Math.ceil((box.x + box.width) * width))
    const bottom = Math.min(height, Math.ceil((box.y + box.height) * height))
    for (let row = Math.max(0, Math.floor(box.y * height)); row < bottom; row++)
      if (right > left) yield [row * width + left, row * width + right]
  }
}
