import type { DataSet, Element } from 'dicom-parser'
import { LesionloopError } from '../errors.ts'
import { truncated } from './parse.ts'
import type { PixelFormat } from './pixel-format.ts'

/**
 * The bytes of one frame, from 0, as they stand in the file: a stretch of the pixel data, or the fragments of an
 * encapsulated file joined (PS3.5, A.4).
 * @throws LesionloopError `dicom-truncated`, `dicom-frame`.
 */
export function frameBytes(
  dataSet: DataSet,
  format: PixelFormat,
  frame: number,
  { name, bigEndian }: { name: string; bigEndian: boolean },
): Uint8Array {
  if (!Number.isInteger(frame) || frame < 0 || frame >= format.frames)
    throw new LesionloopError(
      'dicom-frame',
      `dicom: ${name}: frame ${frame + 1}: expected 1 to ${format.frames}`,
      { name, frames: format.frames },
    )
  const element = dataSet.elements['x7fe00010']!
  const bytes = dataSet.byteArray as Uint8Array
  if (element.encapsulatedPixelData) {
    const fragments = fragmentsOf(element, bytes, format.frames, frame)
    const last = fragments.at(-1)
    if (!last) throw truncated(name, `no fragment of frame ${frame + 1}`)
    if (last.position + last.length > bytes.length)
      throw truncated(name, `a fragment ends at byte ${last.position + last.length} of ${bytes.length}`)
    const parts = fragments.map(({ position, length }) => bytes.subarray(position, position + length))
    if (parts.length === 1) return parts[0]!
    const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
      joined.set(part, at)
      at += part.length
    }
    return joined
  }
  const length = bytesOfFrame(format)
  const start = element.dataOffset + frame * length
  const end = Math.min(bytes.length, element.dataOffset + element.length)
  if (start + length > end)
    throw truncated(name, `${Math.max(0, end - start)} bytes of pixels, ${length} expected`)
  // Bytes in words of a big-endian file stand the other way round (PS3.5, annex A.3: OW).
  if (bigEndian && format.bitsAllocated === 8 && element.vr === 'OW')
    return Uint8Array.from({ length }, (_, at) => bytes[element.dataOffset + ((frame * length + at) ^ 1)]!)
  return bytes.subarray(start, start + length)
}

/** Bytes of a frame once unpacked; colours of YBR_FULL_422 share theirs between two pixels. */
export function bytesOfFrame({ width, height, channels, bitsAllocated, photometric }: PixelFormat): number {
  if (photometric === 'YBR_FULL_422' && channels === 3) return 2 * width * height
  return width * height * channels * (bitsAllocated / 8)
}

/** By the offset table where there is one, else a fragment a frame, else by where an image begins. */
function fragmentsOf(element: Element, bytes: Uint8Array, frames: number, frame: number) {
  const fragments = element.fragments ?? []
  if (frames === 1) return fragments
  const offsets = element.basicOffsetTable ?? []
  if (offsets.length >= frames) {
    const end = offsets[frame + 1] ?? Number.POSITIVE_INFINITY
    return fragments.filter(({ offset }) => offset >= offsets[frame]! && offset < end)
  }
  if (fragments.length === frames) return [fragments[frame]!]
  const starts = fragments.flatMap(({ position }, at) => (beginsImage(bytes, position) ? [at] : []))
  return fragments.slice(starts[frame] ?? fragments.length, starts[frame + 1])
}

/** JPEG and JPEG-LS begin FF D8, JPEG 2000 FF 4F. */
const beginsImage = (bytes: Uint8Array, at: number) =>
  bytes[at] === 0xff && (bytes[at + 1] === 0xd8 || bytes[at + 1] === 0x4f)
