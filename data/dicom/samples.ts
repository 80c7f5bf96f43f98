import { unpackFrame } from './codecs.ts'
import { bytesOfFrame } from './frames.ts'
import type { PixelFormat } from './pixel-format.ts'
import { unpackRunLength } from './run-length.ts'
import type { Packing } from './transfer-syntax.ts'

/**
 * The stored samples of one frame: whole numbers with their sign, [height, width, channels]; colour as RGB.
 * @throws Error in the words of the codec, where the frame is damaged or of another size than the file says.
 */
export async function samplesOf(
  frame: Uint8Array,
  format: PixelFormat,
  packing: Packing,
  bigEndian: boolean,
): Promise<Int32Array> {
  const { width, height, channels, bitsAllocated } = format
  const bytesPerSample = bitsAllocated === 16 ? 2 : 1
  if (packing === 'native') {
    const samples = toSamples(frame, format, bytesPerSample, bigEndian)
    return channels === 3 ? asRgb(samples, format, false) : samples
  }
  if (packing === 'run-length') {
    const bytes = unpackRunLength(frame, bytesOfFrame(format), bytesPerSample)
    const samples = toSamples(bytes, format, bytesPerSample, false)
    // Segments hold whole planes; unpacking has put them side by side.
    return channels === 3 ? asRgb(samples, { ...format, planar: false }, false) : samples
  }
  const unpacked = await unpackFrame(frame, packing)
  if (unpacked.width !== width || unpacked.height !== height || unpacked.channels !== channels)
    throw new Error(
      `${unpacked.width} × ${unpacked.height} pixels of ${unpacked.channels} in the frame, ${width} × ${height} of ${channels} in the header`,
    )
  const samples = toSamples(unpacked.data, format, unpacked.bytesPerSample, false)
  return channels === 3 ? asRgb(samples, { ...format, planar: false }, unpacked.rgb) : samples
}

/** Stored bits out of allocated ones, with their sign (PS3.5, 8.1.1). */
function toSamples(
  bytes: Uint8Array,
  { bitsStored, highBit, signed, bitsAllocated }: PixelFormat,
  bytesPerSample: 1 | 2,
  bigEndian: boolean,
): Int32Array {
  const count = Math.floor(bytes.length / bytesPerSample)
  const samples = new Int32Array(count)
  const shift = bytesPerSample * 8 === bitsAllocated ? highBit - bitsStored + 1 : 0
  const mask = 2 ** bitsStored - 1
  const sign = signed ? 2 ** (bitsStored - 1) : 0
  const high = bigEndian ? 0 : 1
  for (let at = 0; at < count; at++) {
    const raw = bytesPerSample === 2 ? (bytes[2 * at + high]! << 8) | bytes[2 * at + 1 - high]! : bytes[at]!
    const value = (raw >> shift) & mask
    samples[at] = sign !== 0 && value >= sign ? value - 2 * sign : value
  }
  return samples
}

/** Colours side by side, and RGB (PS3.3, C.7.6.3.1.2). */
function asRgb(
  samples: Int32Array,
  { width, height, planar, photometric }: PixelFormat,
  already: boolean,
): Int32Array {
  const pixels = width * height
  const out = new Int32Array(3 * pixels)
  const halved = samples.length === 2 * pixels
  for (let at = 0; at < pixels; at++)
    for (let colour = 0; colour < 3; colour++) {
      // Two pixels share their chroma: Y1 Y2 CB CR.
      const from = halved
        ? 4 * (at >> 1) + (colour === 0 ? at & 1 : 1 + colour)
        : planar
          ? colour * pixels + at
          : 3 * at + colour
      out[3 * at + colour] = samples[from]!
    }
  if (already || !photometric.startsWith('YBR')) return out
  for (let at = 0; at < out.length; at += 3) {
    const [y, cb, cr] = [out[at]!, out[at + 1]! - 128, out[at + 2]! - 128]
    out[at] = byte(y + 1.402 * cr)
    out[at + 1] = byte(y - 0.344136 * cb - 0.714136 * cr)
    out[at + 2] = byte(y + 1.772 * cb)
  }
  return out
}

const byte = (value: number) => Math.min(255, Math.max(0, Math.round(value)))
