import type { DataSet } from 'dicom-parser'
import { LesionloopError } from '../errors.ts'

/** How the samples of a file stand in its pixel data (PS3.3, C.7.6.3). */
export interface PixelFormat {
  width: number
  height: number
  frames: number
  channels: 1 | 3
  bitsAllocated: 8 | 16
  bitsStored: number
  highBit: number
  signed: boolean
  photometric: string
  /** Colours one after the other as whole planes. */
  planar: boolean
  /** Samples in this range stand outside what was scanned. */
  padding: { low: number; high: number } | null
}

/** Pictures of more pixels are refused before they are decoded. */
const PIXEL_LIMIT = 100_000_000
const READ = ['MONOCHROME1', 'MONOCHROME2', 'RGB', 'YBR_FULL', 'YBR_FULL_422', 'YBR_ICT', 'YBR_RCT']

/** @throws LesionloopError `dicom-no-pixels`, `dicom-format` where we don't read such pixels. */
export function pixelFormat(dataSet: DataSet, name: string): PixelFormat {
  const number = (tag: string) => dataSet.uint16(tag)
  const [height, width] = [number('x00280010'), number('x00280011')]
  if (!width || !height || !dataSet.elements['x7fe00010'])
    throw new LesionloopError(
      'dicom-no-pixels',
      `dicom: ${name}: no pixel data${modalityOf(dataSet)}: a slice was expected; leave this file out`,
      { name },
    )
  const refuse = (found: string, expected: string) =>
    new LesionloopError(
      'dicom-format',
      `dicom: ${name}: ${found}: expected ${expected}; export the slice with another setting, or as PNG`,
      { name },
    )
  if (width * height > PIXEL_LIMIT)
    throw refuse(`${width} × ${height} pixels`, `at most ${PIXEL_LIMIT / 1e6} million`)
  const channels = number('x00280002') ?? 1
  const bitsAllocated = number('x00280100') ?? 16
  const bitsStored = number('x00280101') ?? bitsAllocated
  const highBit = number('x00280102') ?? bitsStored - 1
  const photometric = (dataSet.string('x00280004') ?? 'MONOCHROME2').trim().toUpperCase()
  if (channels !== 1 && channels !== 3) throw refuse(`${channels} samples a pixel`, '1 or 3')
  if (bitsAllocated !== 8 && bitsAllocated !== 16) throw refuse(`${bitsAllocated} bits allocated`, '8 or 16')
  if (bitsStored < 1 || bitsStored > bitsAllocated || highBit >= bitsAllocated || highBit + 1 < bitsStored)
    throw refuse(`${bitsStored} bits up to bit ${highBit} of ${bitsAllocated}`, 'bits that fit')
  if (!READ.includes(photometric)) throw refuse(photometric, READ.join(', '))
  if (channels === 3 && bitsAllocated !== 8) throw refuse('colour of 16 bits', '8 bits a colour')
  const signed = number('x00280103') === 1
  const sample = (tag: string) => (signed ? dataSet.int16(tag) : dataSet.uint16(tag))
  const [value, limit] = [sample('x00280120'), sample('x00280121')]
  return {
    width,
    height,
    frames: Math.max(1, dataSet.intString('x00280008') ?? 1),
    channels,
    bitsAllocated,
    bitsStored,
    highBit,
    signed,
    photometric,
    planar: channels === 3 && number('x00280006') === 1,
    padding:
      value === undefined
        ? null
        : { low: Math.min(value, limit ?? value), high: Math.max(value, limit ?? value) },
  }
}

function modalityOf(dataSet: DataSet): string {
  const modality = dataSet.string('x00080060')
  return modality ? ` (modality ${modality})` : ''
}
