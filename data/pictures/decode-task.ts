import type { HounsfieldPng } from '../dicom/hounsfield-image.ts'
import type { DicomSlice, SliceOptions } from '../dicom/slice.ts'
import type { Task } from '../pool/task.ts'
import type { Pixels } from './decode.ts'

/** A picture as the workspace keeps it. */
export interface PictureToKeep {
  id: string
  width: number
  height: number
  format: 'png' | 'jpeg' | 'webp'
  /** Where the file itself is of another kind. */
  png?: Uint8Array
  /** The slice in Hounsfield units, where it came as a DICOM file of a CT. */
  hounsfield?: HounsfieldPng
}

/** What may be asked of a file that came from outside. */
export interface Decodings {
  /** As `readPixels` gives them. */
  pixels: Pixels
  image: PictureToKeep
  /** As `readDicomSlice` gives it. */
  slice: DicomSlice
  /** Width and height that the file says it has; nothing is decoded. */
  size: { width: number; height: number }
  /** Whose DICOM file it is. */
  origin: DicomOrigin
}

/** Of a DICOM file's header: what tells slices of one patient and study. */
export interface DicomOrigin {
  study: string | null
  patient: string | null
}

export interface FileToDecode {
  want: keyof Decodings
  bytes: Uint8Array
  name: string
  window?: SliceOptions['window']
}

const load = async () => {
  const [decoding, { readDicomSlice }, { hounsfieldPng }, { parseDicom }, { default: sharp }] =
    await Promise.all([
      import('./decode.ts'),
      import('../dicom/slice.ts'),
      import('../dicom/hounsfield-image.ts'),
      import('../dicom/parse.ts'),
      import('sharp'),
    ])
  return { ...decoding, readDicomSlice, hounsfieldPng, parseDicom, sharp }
}

/** What is asked of one picture; writes nothing. */
export const task: Task<FileToDecode, Decodings[keyof Decodings]> = {
  module: import.meta.url,
  noun: 'image',
  prepare: async () => void (await load()),
  run: async ({ want, bytes, name, window }) => {
    const { readPixels, readDicomSlice, parseDicom, sharp } = await load()
    switch (want) {
      case 'pixels':
        return await readPixels(bytes, name)
      case 'image':
        return await pictureToKeep(bytes, name)
      case 'slice':
        return await readDicomSlice(bytes, { name, ...(window ? { window } : {}) })
      case 'size': {
        const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata()
        return { width, height }
      }
      case 'origin': {
        const header = parseDicom(bytes, name)
        return {
          study: header.string('x0020000d') ?? header.string('x0020000e') ?? null,
          patient: header.string('x00100020') ?? null,
        }
      }
    }
  },
}

async function pictureToKeep(bytes: Uint8Array, name: string): Promise<PictureToKeep> {
  const { decode, encodePng, imageId, hounsfieldPng } = await load()
  const { pixels, format, units } = await decode(bytes, name)
  const hounsfield = units && (await hounsfieldPng(units))
  const isKept = format === 'png' || format === 'jpeg' || format === 'webp'
  return {
    id: imageId(pixels),
    width: pixels.width,
    height: pixels.height,
    format: isKept ? format : 'png',
    ...(isKept ? {} : { png: await encodePng(pixels) }),
    ...(hounsfield ? { hounsfield } : {}),
  }
}
