import { isDicom } from '../../data/dicom/signature.ts'
import { LesionloopError } from '../../data/errors.ts'
import { decodedApart } from '../../data/pictures/decode-apart.ts'
import { LIVE_PICTURE_BYTES } from '../../data/records/live.ts'
import type { Pixels } from '../../data/workspace/images.ts'
import { checkSize, pictureDoubts } from './picture-doubts.ts'

/** A picture that a person gave, decoded. */
export interface GivenPicture {
  pixels: Pixels
  /** In Hounsfield units, of a CT's DICOM file; null of all else. */
  units: { values: Float32Array; slope: number } | null
  /** Names of what in the file says whom it shows. */
  identifying: string[]
  doubts: string[]
}

/**
 * Reads a picture that a person gave, after its size and before anything else is done with it, in a process of its own.
 * @throws LesionloopError `image-too-large`, `image-undecodable`, `image-not-ct`, `dicom-…`.
 */
export async function readGiven(bytes: Uint8Array, name: string): Promise<GivenPicture> {
  if (bytes.length > LIVE_PICTURE_BYTES)
    throw new LesionloopError(
      'image-too-large',
      `image: ${name}: over ${LIVE_PICTURE_BYTES / 2 ** 20} MB: one slice was expected; export it smaller`,
    )
  await checkSize(bytes, name)
  if (!isDicom(bytes)) {
    const pixels = await decodedApart('pixels', bytes, name)
    return { pixels, units: null, identifying: [], doubts: pictureDoubts(pixels, name) }
  }
  const { pixels, hounsfield, slope, identifying } = await decodedApart('slice', bytes, name)
  return {
    pixels,
    units: hounsfield && { values: hounsfield, slope },
    identifying: identifying.map(each => each.name),
    doubts: pictureDoubts(pixels, name),
  }
}
