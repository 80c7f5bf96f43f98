import { inflateRawSync } from 'node:zlib'
import dicomParser, { type DataSet } from 'dicom-parser'
import { LesionloopError, messageOf } from '../errors.ts'
import { isDicom } from './signature.ts'

/** Deflated data may grow to this many bytes at most: a file of a few kilobytes must not fill the memory. */
const INFLATED_LIMIT = 1_000_000_000

/**
 * The elements of a DICOM file, deflated ones inflated.
 * @throws LesionloopError `dicom-not`, `dicom-truncated`, `dicom-damaged`.
 */
export function parseDicom(bytes: Uint8Array, name: string): DataSet {
  if (!isDicom(bytes))
    throw new LesionloopError(
      'dicom-not',
      `dicom: ${name}: no "DICM" at byte 128: a DICOM file was expected; export the slice again as DICOM, or as PNG`,
      { name },
    )
  try {
    return dicomParser.parseDicom(bytes, { inflater: inflated })
  } catch (error) {
    const said = saidBy(error)
    // The parser's own words for reading on where nothing is left.
    if (
      /buffer over|past (the )?end|end of buffer|greater than or equal to 'byteArray'|unexpected end/i.test(
        said,
      )
    )
      throw truncated(name, said)
    throw new LesionloopError(
      'dicom-damaged',
      `dicom: ${name}: can't be read (${said}); export the slice again`,
      { name },
      { cause: error },
    )
  }
}

/** The error of a file that ends too soon. */
export function truncated(name: string, detail: string): LesionloopError {
  return new LesionloopError(
    'dicom-truncated',
    `dicom: ${name}: the file is cut short (${detail}); copy or export it again`,
    { name },
  )
}

/** The parser throws texts, and texts within objects. */
function saidBy(error: unknown): string {
  if (typeof error === 'string') return error
  const inner = (error as { exception?: unknown } | null)?.exception
  return inner === undefined ? messageOf(error) : saidBy(inner)
}

/** The file's meta header as it is, and what follows it inflated (PS3.5, A.5). */
function inflated(bytes: Uint8Array, position: number): Uint8Array {
  const rest = inflateRawSync(bytes.subarray(position), { maxOutputLength: INFLATED_LIMIT })
  const whole = new Uint8Array(position + rest.length)
  whole.set(bytes.subarray(0, position))
  whole.set(rest, position)
  return whole
}
