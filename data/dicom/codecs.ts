import { createRequire } from 'node:module'
import sharp from 'sharp'
import type { Packing } from './transfer-syntax.ts'

/** A frame's samples as a codec gives them: colours interleaved, little endian where they have two bytes. */
export interface Unpacked {
  data: Uint8Array
  width: number
  height: number
  channels: number
  bytesPerSample: 1 | 2
  /** Whether YCbCr was brought to RGB already. */
  rgb: boolean
}

interface FrameDecoder {
  getEncodedBuffer(length: number): Uint8Array
  getDecodedBuffer(): Uint8Array
  getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number }
  decode(): void
  delete(): void
}
interface LosslessDecoder {
  decode(buffer: ArrayBuffer, offset: number, length: number): Uint8Array | Uint16Array
  frame: { dimX: number; dimY: number; precision: number; numComp: number }
}

const require = createRequire(import.meta.url)
let jpegLs: Promise<{ JpegLSDecoder: new () => FrameDecoder }> | null = null
let jpeg2000: Promise<{ J2KDecoder: new () => FrameDecoder }> | null = null
/** What the codecs print is for messages, not for the standard output. */
let said = ''
const print = (line: string) => {
  said = line.replace(/^\[\w+\]\s*/, '').trim()
}
const quiet = { print, printErr: print }

/**
 * Decodes one frame of an encapsulated file, by the codec its packing names; each is loaded when first used.
 * @throws whatever the codec throws of damaged data.
 */
export async function unpackFrame(frame: Uint8Array, packing: Packing): Promise<Unpacked> {
  switch (packing) {
    case 'jpeg':
      return await decodeJpeg(frame)
    case 'jpeg-lossless':
      return decodeLossless(frame)
    case 'jpeg-ls': {
      jpegLs ??= require('@cornerstonejs/codec-charls/decodewasmjs')(quiet)
      return withDecoder(new (await jpegLs!).JpegLSDecoder(), frame)
    }
    case 'jpeg-2000': {
      jpeg2000 ??= require('@cornerstonejs/codec-openjpeg/decodewasmjs')(quiet)
      return withDecoder(new (await jpeg2000!).J2KDecoder(), frame)
    }
    default:
      throw new Error(`${packing}: no packing of single frames`)
  }
}

function withDecoder(decoder: FrameDecoder, frame: Uint8Array): Unpacked {
  said = ''
  try {
    decoder.getEncodedBuffer(frame.length).set(frame)
    decoder.decode()
    const { width, height, bitsPerSample, componentCount } = decoder.getFrameInfo()
    return {
      // A copy: the memory is the codec's own.
      data: decoder.getDecodedBuffer().slice(),
      width,
      height,
      channels: componentCount,
      bytesPerSample: bitsPerSample > 8 ? 2 : 1,
      // OpenJPEG undoes the colour transform that the stream declares.
      rgb: true,
    }
  } catch (error) {
    // C++ exceptions come as the number of their address.
    throw error instanceof Error ? error : new Error(said || 'refused by its codec')
  } finally {
    decoder.delete()
  }
}

async function decodeJpeg(frame: Uint8Array): Promise<Unpacked> {
  const precision = jpegPrecision(frame)
  if (precision !== 8)
    throw new Error(`JPEG of ${precision} bits: only 8 are read; export it lossless or as JPEG 2000`)
  const { channels: stored } = await sharp(frame, { failOn: 'error' }).metadata()
  const { data, info } = await sharp(frame, { failOn: 'error' })
    .toColourspace(stored === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return {
    data: new Uint8Array(data),
    width: info.width,
    height: info.height,
    channels: info.channels,
    bytesPerSample: 1,
    rgb: true,
  }
}

/** Bits a sample in a JPEG's frame header (ITU-T T.81, B.2.2). */
function jpegPrecision(frame: Uint8Array): number {
  for (let at = 2; at + 4 < frame.length && frame[at] === 0xff; ) {
    const marker = frame[at + 1]!
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return frame[at + 4]!
    at += 2 + ((frame[at + 2]! << 8) | frame[at + 3]!)
  }
  throw new Error('JPEG without a frame header')
}

function decodeLossless(frame: Uint8Array): Unpacked {
  const { Decoder } = require('jpeg-lossless-decoder-js') as { Decoder: new () => LosslessDecoder }
  const decoder = new Decoder()
  const bytes = frame.slice()
  const samples = decoder.decode(bytes.buffer, 0, bytes.length)
  const { dimX, dimY, numComp } = decoder.frame
  return {
    data: new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength),
    width: dimX,
    height: dimY,
    channels: numComp,
    bytesPerSample: samples.BYTES_PER_ELEMENT === 2 ? 2 : 1,
    rgb: false,
  }
}
