import { createRequire } from 'node:module'
import { joined } from './write-dicom.ts'

/** Encoders for the test files: our own of RLE and lossless JPEG, and those of OpenJPEG and CharLS. */
const require = createRequire(import.meta.url)

/** PS3.5, annex G: planes of bytes, the high byte first. */
export function packRunLength(samples: Int16Array | Uint8Array, channels = 1): Uint8Array {
  const planes: Uint8Array[] = []
  const pixels = samples.length / channels
  for (let channel = 0; channel < channels; channel++)
    for (let byte = samples.BYTES_PER_ELEMENT - 1; byte >= 0; byte--)
      planes.push(
        packBits(
          Uint8Array.from({ length: pixels }, (_, at) => samples[at * channels + channel]! >> (8 * byte)),
        ),
      )
  const header = new Uint32Array(16)
  header[0] = planes.length
  let offset = 64
  planes.forEach((plane, at) => {
    header[at + 1] = offset
    offset += plane.length
  })
  return joined([new Uint8Array(header.buffer), ...planes])
}

function packBits(bytes: Uint8Array): Uint8Array {
  const out: number[] = []
  for (let at = 0; at < bytes.length; ) {
    let run = 1
    while (run < 128 && bytes[at + run] === bytes[at]) run++
    if (run > 1) {
      out.push(257 - run, bytes[at]!)
      at += run
      continue
    }
    let end = at + 1
    while (end < bytes.length && end - at < 128 && bytes[end] !== bytes[end + 1]) end++
    out.push(end - at - 1, ...bytes.subarray(at, end))
    at = end
  }
  return Uint8Array.from(out.length % 2 ? [...out, 128] : out)
}

/** ITU-T T.81, annex H: differences to the left neighbour, in categories that all have codes of five bits. */
export function packLosslessJpeg(
  samples: ArrayLike<number>,
  width: number,
  height: number,
  bits = 16,
): Uint8Array {
  const short = (value: number) => [value >> 8, value & 255]
  const categories = Array.from({ length: 17 }, (_, at) => at)
  const out = [
    ...[0xff, 0xd8],
    ...[0xff, 0xc3, ...short(11), bits, ...short(height), ...short(width), 1, 1, 0x11, 0],
    ...[0xff, 0xc4, ...short(19 + 17), 0, 0, 0, 0, 0, 17, ...Array<number>(11).fill(0), ...categories],
    ...[0xff, 0xda, ...short(8), 1, 1, 0, 1, 0, 0],
  ]
  let [held, count] = [0, 0]
  const put = (value: number, length: number) => {
    for (let bit = length - 1; bit >= 0; bit--) {
      held = (held << 1) | ((value >> bit) & 1)
      if (++count === 8) {
        out.push(held)
        if (held === 255) out.push(0)
        ;[held, count] = [0, 0]
      }
    }
  }
  const mask = 2 ** bits - 1
  for (let at = 0; at < width * height; at++) {
    const left = at === 0 ? 2 ** (bits - 1) : at % width === 0 ? samples[at - width]! : samples[at - 1]!
    let difference = ((samples[at]! & mask) - (left & mask)) & 0xffff
    if (difference > 32768) difference -= 65536
    const category = 32 - Math.clz32(Math.abs(difference))
    put(category, 5)
    if (category < 16) put(difference < 0 ? difference + 2 ** category - 1 : difference, category)
  }
  while (count !== 0) put(1, 1)
  return Uint8Array.from([...out, 0xff, 0xd9])
}

interface Encoder {
  getDecodedBuffer(info: object): Uint8Array
  getEncodedBuffer(): Uint8Array
  encode(): void
  setQuality?(lossless: boolean, layers: number): void
  setNearLossless?(most: number): void
  setDecompositions?(count: number): void
}

/** JPEG 2000 (lossless) or JPEG-LS of samples of 8 or 16 bits. */
export async function packByCodec(
  codec: 'openjpeg' | 'charls',
  samples: Int16Array | Uint16Array | Uint8Array,
  {
    width,
    height,
    bits,
    signed = false,
    channels = 1,
  }: { width: number; height: number; bits: number; signed?: boolean; channels?: number },
): Promise<Uint8Array> {
  const module = await require(`@cornerstonejs/codec-${codec}/wasmjs`)()
  const encoder: Encoder = codec === 'openjpeg' ? new module.J2KEncoder() : new module.JpegLSEncoder()
  const into = encoder.getDecodedBuffer({
    width,
    height,
    bitsPerSample: bits,
    componentCount: channels,
    isSigned: signed,
    isUsingColorTransform: false,
  })
  into.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength))
  encoder.setQuality?.(true, 1)
  encoder.setDecompositions?.(1)
  encoder.setNearLossless?.(0)
  encoder.encode()
  return encoder.getEncodedBuffer().slice()
}
