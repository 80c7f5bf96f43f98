import { isDicom } from '../../data/dicom/signature.ts'
import { codeOf, LesionloopError } from '../../data/errors.ts'
import { decodedApart } from '../../data/pictures/decode-apart.ts'
import { LIVE_PICTURE_PIXELS } from '../../data/records/live.ts'
import type { Pixels } from '../../data/workspace/images.ts'

const LEAST_SIDE = 64

/**
 * Refuses what is no picture, or too large a one, before it is decoded.
 * @throws LesionloopError `image-undecodable`, `image-too-large`.
 */
export async function checkSize(bytes: Uint8Array, name: string): Promise<void> {
  if (isDicom(bytes)) return // Its reader has limits of its own.
  const { width, height } = await decodedApart('size', bytes, name).catch((error: unknown) => {
    if (codeOf(error).startsWith('file-')) throw error
    throw new LesionloopError(
      'image-undecodable',
      `image: ${name}: not a picture that can be read: a CT slice as PNG, JPEG or DICOM was expected; export it again`,
    )
  })
  if (width * height > LIVE_PICTURE_PIXELS)
    throw new LesionloopError(
      'image-too-large',
      `image: ${name}: ${width} × ${height} pixels: at most ${LIVE_PICTURE_PIXELS / 1e6} million were expected; give one slice, not a sheet of them`,
    )
}

/**
 * Why decoded pixels may be no chest CT slice; empty where nothing speaks against it. A model answers whatever it is
 * shown, so that this must be said. Grey, dark in part, of some contrast and nearly square is what slices are.
 * @throws LesionloopError `image-not-ct` where no slice can look so: tiny, in colour, or of one tone.
 */
export function pictureDoubts({ data, width, height }: Pixels, name: string): string[] {
  if (Math.min(width, height) < LEAST_SIDE)
    throw new LesionloopError(
      'image-not-ct',
      `image: ${name}: ${width} × ${height} pixels: a slice of at least ${LEAST_SIDE} × ${LEAST_SIDE} was expected; export it larger`,
    )
  const n = width * height
  let chroma = 0
  let dark = 0
  let sum = 0
  let squares = 0
  for (let at = 0; at < n * 3; at += 3) {
    const [r, g, b] = [data[at]!, data[at + 1]!, data[at + 2]!]
    chroma += Math.max(r, g, b) - Math.min(r, g, b)
    const grey = (r + g + b) / 3
    if (grey < 112) dark++
    sum += grey
    squares += grey * grey
  }
  const deviation = Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2))
  if (deviation < 4)
    throw new LesionloopError(
      'image-not-ct',
      `image: ${name}: all of one tone: a CT slice was expected; give another picture`,
    )
  if (chroma / n > 40)
    throw new LesionloopError(
      'image-not-ct',
      `image: ${name}: in colour: a grey CT slice was expected; give another picture`,
    )
  const doubts: string[] = []
  if (chroma / n > 8) doubts.push('parts of the picture are in colour')
  if (dark / n < 0.1) doubts.push('hardly any of the picture is dark, where lungs and air would be')
  const aspect = width / height
  if (aspect > 2.2 || aspect < 0.6)
    doubts.push('it is far from square: perhaps several slices in one picture')
  return doubts
}
