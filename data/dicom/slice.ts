import type { DataSet } from 'dicom-parser'
import { LesionloopError, messageOf } from '../errors.ts'
import { anonymised, type Identifying } from './anonymised.ts'
import { frameBytes } from './frames.ts'
import { FRAME_VOI_LUT, ofFrame, PIXEL_MEASURES, PIXEL_VALUE_TRANSFORMATION } from './functional-groups.ts'
import { parseDicom } from './parse.ts'
import { type PixelFormat, pixelFormat } from './pixel-format.ts'
import { samplesOf } from './samples.ts'
import { BIG_ENDIAN, TRANSFER_SYNTAXES, type TransferSyntax, UNREAD_SYNTAXES } from './transfer-syntax.ts'
import { fullWindow, LUNG_WINDOW, throughWindow, type Window, windowsOf } from './window.ts'

export interface DicomSlice {
  width: number
  height: number
  /** Which frame of how many, from 0. */
  frame: number
  frames: number
  /** Hounsfield units, row by row; null where the file is no CT. Outside what was scanned: `OUTSIDE`. */
  hounsfield: Float32Array | null
  /** Units between two neighbouring stored values. */
  slope: number
  /**
   * As shown: 8-bit RGB, [height, width, 3]. Of a CT through the lung window (or the one asked for), low always black;
   * of others through the file's first window, or over their whole range, MONOCHROME1 with low white.
   */
  pixels: { data: Uint8Array; width: number; height: number }
  /** The windows the file offers. */
  windows: Window[]
  /** `CT`, `DX`, … */
  modality: string
  photometric: string
  transferSyntax: { uid: string; name: string }
  /** Millimetres from row to row and from column to column. */
  spacing: [number, number] | null
  thickness: number | null
  seriesUid: string | null
  instanceUid: string | null
  /** Elements that tell who the patient is; empty where the slice is anonymised. */
  identifying: Identifying[]
}

export interface SliceOptions {
  /** For messages. */
  name?: string
  /** From 0; by default the first. */
  frame?: number
  /** In Hounsfield units; by default the lung window. */
  window?: Pick<Window, 'centre' | 'width'>
}

/** Where nothing was scanned (pixel padding): below every window, and what scanners use. */
export const OUTSIDE = -2000

/**
 * Reads one slice of a DICOM file: the one reader for the whole project. Implicit and explicit little endian, big endian,
 * deflated; RLE, JPEG baseline, JPEG lossless, JPEG-LS, JPEG 2000 and its high-throughput kind; 8 to 16 bits, signed or
 * not; grey and RGB or YBR colour; rescale slope and intercept, also of enhanced multi-frame files.
 * @throws LesionloopError `dicom-not`, `dicom-truncated`, `dicom-damaged`, `dicom-no-pixels`, `dicom-format`,
 *   `dicom-syntax`, `dicom-frame`.
 */
export async function readDicomSlice(bytes: Uint8Array, options: SliceOptions = {}): Promise<DicomSlice> {
  const { name = 'slice', frame = 0, window } = options
  const dataSet = parseDicom(bytes, name)
  const format = pixelFormat(dataSet, name)
  const uid = dataSet.string('x00020010') ?? ''
  const syntax = syntaxOf(uid, name)
  const bigEndian = uid === BIG_ENDIAN
  const raw = frameBytes(dataSet, format, frame, { name, bigEndian })
  const samples = await samplesOf(raw, format, syntax.packing, bigEndian).catch(error => {
    throw new LesionloopError(
      'dicom-damaged',
      `dicom: ${name}: frame ${frame + 1} of ${syntax.name} can't be decoded (${messageOf(error)}); export the slice again`,
      { name },
      { cause: error },
    )
  })
  const windows = windowsOf(ofFrame(dataSet, frame, FRAME_VOI_LUT, 'x00281050'))
  const modality = (dataSet.string('x00080060') ?? '').trim().toUpperCase()
  const hounsfield =
    modality === 'CT' && format.channels === 1 ? unitsOf(samples, dataSet, format, frame) : null
  const { width, height } = format
  const measures = ofFrame(dataSet, frame, PIXEL_MEASURES, 'x00280030')
  const [rows, columns] = [measures?.floatString('x00280030', 0), measures?.floatString('x00280030', 1)]
  return {
    width,
    height,
    frame,
    frames: format.frames,
    hounsfield,
    slope: rescaleOf(dataSet, frame).slope,
    pixels: {
      width,
      height,
      data: hounsfield
        ? repeated(throughWindow(hounsfield, window ?? LUNG_WINDOW))
        : shown(samples, dataSet, format, frame, windows[0]),
    },
    windows,
    modality,
    photometric: format.photometric,
    transferSyntax: { uid, name: syntax.name },
    spacing: rows !== undefined && columns !== undefined ? [rows, columns] : null,
    thickness: ofFrame(dataSet, frame, PIXEL_MEASURES, 'x00180050')?.floatString('x00180050') ?? null,
    seriesUid: dataSet.string('x0020000e') ?? null,
    instanceUid: dataSet.string('x00080018') ?? null,
    identifying: anonymised(dataSet),
  }
}

/** All frames of a file, one after the other. Throws as `readDicomSlice`. */
export async function* readDicomFrames(
  bytes: Uint8Array,
  options: Omit<SliceOptions, 'frame'> = {},
): AsyncGenerator<DicomSlice> {
  let frames = 1
  for (let frame = 0; frame < frames; frame++) {
    const slice = await readDicomSlice(bytes, { ...options, frame })
    frames = slice.frames
    yield slice
  }
}

function syntaxOf(uid: string, name: string): TransferSyntax {
  const syntax = TRANSFER_SYNTAXES[uid]
  if (syntax) return syntax
  const known = UNREAD_SYNTAXES[uid]
  throw new LesionloopError(
    'dicom-syntax',
    `dicom: ${name}: transfer syntax ${uid || 'missing'}${known ? ` (${known})` : ''}: not read; export the slice uncompressed, as JPEG 2000 or as PNG`,
    { name, uid },
  )
}

/** slope · sample + intercept (PS3.3, C.11.1.1.2); padding lies outside. */
function unitsOf(samples: Int32Array, dataSet: DataSet, format: PixelFormat, frame: number): Float32Array {
  const { slope, intercept } = rescaleOf(dataSet, frame)
  const { padding } = format
  return Float32Array.from(samples, sample =>
    padding && sample >= padding.low && sample <= padding.high ? OUTSIDE : slope * sample + intercept,
  )
}

function rescaleOf(dataSet: DataSet, frame: number): { slope: number; intercept: number } {
  const transform = ofFrame(dataSet, frame, PIXEL_VALUE_TRANSFORMATION, 'x00281052')
  const slope = transform?.floatString('x00281053')
  return {
    slope: slope === undefined || !Number.isFinite(slope) || slope === 0 ? 1 : slope,
    intercept: transform?.floatString('x00281052') ?? 0,
  }
}

/** What has no Hounsfield units, as a viewer shows it. */
function shown(
  samples: Int32Array,
  dataSet: DataSet,
  format: PixelFormat,
  frame: number,
  window: Window | undefined,
): Uint8Array {
  if (format.channels === 3) return Uint8Array.from(samples)
  const { slope, intercept } = rescaleOf(dataSet, frame)
  const { padding, photometric } = format
  const isPadding = (sample: number) => padding !== null && sample >= padding.low && sample <= padding.high
  const values = Float64Array.from(samples, sample => slope * sample + intercept)
  const scanned = padding ? values.filter((_, at) => !isPadding(samples[at]!)) : values
  const greys = throughWindow(values, window ?? fullWindow(scanned.length > 0 ? scanned : values))
  if (photometric === 'MONOCHROME1') for (let at = 0; at < greys.length; at++) greys[at] = 255 - greys[at]!
  if (padding) for (let at = 0; at < greys.length; at++) if (isPadding(samples[at]!)) greys[at] = 0
  return repeated(greys)
}

/** Grey as three equal channels. */
function repeated(greys: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(3 * greys.length)
  for (let at = 0; at < greys.length; at++) rgb.fill(greys[at]!, 3 * at, 3 * at + 3)
  return rgb
}
