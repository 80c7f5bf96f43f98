import type { Preprocessing } from '../backbones/backbone.ts'
import { prepare } from '../pictures/prepare.ts'
import { normalised } from '../pictures/tone.ts'

/**
 * A picture as a network's input: cleaned as the preprocessing says, stretched to a square, [S, S, C] row by row,
 * (x / 255 − mean) / std. DICOM slices come through their rescale and a lung window.
 * @param source a path, or a file's bytes. @throws LesionloopError `image-…`, `dicom-…` where it can't be decoded.
 */
export async function pictureInput(
  source: string | Uint8Array,
  preprocessing: Preprocessing,
  name?: string,
): Promise<Float32Array> {
  const { picture } = await prepare(source, preprocessing.size, preprocessing.picture, name)
  return normalised(picture, preprocessing)
}
