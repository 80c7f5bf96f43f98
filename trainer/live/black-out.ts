import { hounsfieldPng } from '../../data/dicom/hounsfield-image.ts'
import { blackedOut, type ShareBox, unitsBlackedOut } from '../../data/pictures/black-out.ts'
import type { BlackedOutAnswer } from '../../data/records/live.ts'
import { encodePng } from '../../data/workspace/images.ts'
import { readGiven } from './read-given.ts'

/**
 * A given picture as it may be stored: its pixels alone, black where a box was, and the same of its Hounsfield units. All
 * is done in memory.
 * @throws LesionloopError as `readGiven`.
 */
export async function blackOut(
  bytes: Uint8Array,
  boxes: readonly ShareBox[],
  name: string,
): Promise<BlackedOutAnswer> {
  const { pixels, units } = await readGiven(bytes, name)
  const png = await encodePng(blackedOut(pixels, boxes))
  const { width, height } = pixels
  const values = units && unitsBlackedOut(units.values, pixels, boxes)
  const made = values && (await hounsfieldPng({ values, width, height, slope: units.slope }))
  return {
    png: base64(png),
    hounsfield: made && { ...made, png: base64(made.png) },
  }
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
