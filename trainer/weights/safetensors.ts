import { open } from 'node:fs/promises'
import { LesionloopError } from '../../data/errors.ts'
import { type FileOperations, writeFileAtomically } from '../../data/workspace/files.ts'

/** A tensor on the host: float32, row-major. */
export interface HostTensor {
  shape: number[]
  data: Float32Array
}

export interface TensorFile {
  tensors: Map<string, HostTensor>
  /** Free text beside the tensors (`__metadata__`). */
  metadata: Record<string, string>
}

/** Bytes of an element, of the types that are read; all become float32. */
const WIDTHS: Record<string, number> = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4 }
/** The format's own limit on the header (github huggingface/safetensors, "Format"). */
const HEADER_LIMIT = 100_000_000

interface Entry {
  dtype: string
  shape: number[]
  data_offsets: [number, number]
}

/**
 * Reads a safetensors file: 8 bytes of header length (little endian), a JSON header, then the tensors' bytes
 * (github huggingface/safetensors). Everything the header says is checked against the file's size before anything is
 * allocated: each byte belongs to one tensor. Nothing in the file is run.
 * @throws LesionloopError `weights-missing`, `weights-damaged`.
 */
export async function readSafetensors(path: string): Promise<TensorFile> {
  const handle = await open(path, 'r').catch(error => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new LesionloopError(
        'weights-missing',
        `weights: ${path}: no such file; check the path, or give a name to fetch`,
        { path },
      )
    throw error
  })
  try {
    const { size } = await handle.stat()
    const damaged = (found: string) =>
      new LesionloopError('weights-damaged', `weights: ${path}: ${found}; fetch or export the file again`, {
        path,
      })
    const read = async (bytes: number, position: number) => {
      const buffer = new Uint8Array(bytes)
      for (let done = 0; done < bytes; ) {
        const { bytesRead } = await handle.read(buffer, done, bytes - done, position + done)
        if (bytesRead === 0) throw damaged(`ends at byte ${position + done}, ${position + bytes} expected`)
        done += bytesRead
      }
      return buffer
    }
    if (size < 8) throw damaged(`${size} bytes, a safetensors file has at least 8`)
    const length = Number(new DataView((await read(8, 0)).buffer).getBigUint64(0, true))
    if (length > HEADER_LIMIT || 8 + length > size)
      throw damaged(`says its header is ${length} bytes long, the file has ${size}`)
    const { entries, metadata } = parseHeader(await read(length, 8), size - 8 - length, damaged)
    const tensors = new Map<string, HostTensor>()
    for (const [name, entry] of entries) {
      const [start, end] = entry.data_offsets
      const bytes = await read(end - start, 8 + length + start)
      tensors.set(name, { shape: entry.shape, data: toFloat32(bytes, entry.dtype) })
    }
    return { tensors, metadata }
  } finally {
    await handle.close()
  }
}

function parseHeader(bytes: Uint8Array, room: number, damaged: (found: string) => LesionloopError) {
  let header: unknown
  let text = ''
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    header = JSON.parse(text)
  } catch {
    throw damaged('its header is not JSON, so it is no safetensors file or a broken one')
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw damaged('its header is no JSON object')
  if (topLevelKeys(text) !== Object.keys(header).length) throw damaged('its header has one name twice')
  const { __metadata__: metadata = {}, ...rest } = header as Record<string, unknown>
  if (!isTexts(metadata)) throw damaged('its __metadata__ holds something else than texts')
  const entries: [string, Entry][] = []
  for (const [name, value] of Object.entries(rest)) {
    const entry = value as Partial<Entry> | null
    const whole = (list: unknown, length?: number): list is number[] =>
      Array.isArray(list) &&
      (length === undefined || list.length === length) &&
      list.every(item => Number.isSafeInteger(item) && item >= 0)
    if (!entry || !whole(entry.shape) || !whole(entry.data_offsets, 2))
      throw damaged(`tensor ${name}: shape and data_offsets of whole numbers were expected`)
    const width = WIDTHS[String(entry.dtype)]
    if (width === undefined)
      throw damaged(`tensor ${name}: type ${entry.dtype}: expected one of ${Object.keys(WIDTHS).join(', ')}`)
    const [start, end] = entry.data_offsets as [number, number]
    const expected = entry.shape.reduce((product, extent) => product * extent, width)
    if (end - start !== expected)
      throw damaged(`tensor ${name}: ${end - start} bytes for shape [${entry.shape}], ${expected} expected`)
    if (end > room) throw damaged(`tensor ${name}: ends at byte ${end} of ${room}: the file is cut short`)
    entries.push([name, entry as Entry])
  }
  // Else few bytes could be read as many tensors, and fill the memory.
  let end = 0
  for (const [name, entry] of entries.toSorted(
    ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  )) {
    if (entry.data_offsets[0] !== end)
      throw damaged(`tensor ${name}: begins at byte ${entry.data_offsets[0]}, the one before ends at ${end}`)
    end = entry.data_offsets[1]
  }
  if (end !== room) throw damaged(`${room - end} bytes belong to no tensor`)
  return { entries, metadata }
}

function isTexts(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(each => typeof each === 'string')
  )
}

/** How many names stand in the outermost object: JSON.parse keeps the last of two alike, other readers the first. */
function topLevelKeys(json: string): number {
  let depth = 0
  let keys = 0
  for (let at = 0; at < json.length; at++) {
    const char = json[at]
    if (char === '"') {
      for (at++; json[at] !== '"'; at++) if (json[at] === '\\') at++
    } else if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') depth--
    else if (char === ':' && depth === 1) keys++
  }
  return keys
}

function toFloat32(bytes: Uint8Array, dtype: string): Float32Array {
  if (dtype === 'F32') return new Float32Array(bytes.buffer)
  const view = new DataView(bytes.buffer)
  const width = WIDTHS[dtype]!
  return Float32Array.from({ length: bytes.length / width }, (_, at) => {
    const byte = at * width
    if (dtype === 'F64') return view.getFloat64(byte, true)
    if (dtype === 'I64') return Number(view.getBigInt64(byte, true))
    if (dtype === 'I32') return view.getInt32(byte, true)
    const half = view.getUint16(byte, true)
    return dtype === 'BF16' ? fromBits(half << 16) : fromHalf(half)
  })
}

const bits = new DataView(new ArrayBuffer(4))
function fromBits(value: number): number {
  bits.setInt32(0, value)
  return bits.getFloat32(0)
}

/** IEEE 754 binary16. */
function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 31
  const fraction = half & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The bytes of a safetensors file; tensors in the order given, so that the same content is the same bytes. */
export function encodeSafetensors({ tensors, metadata }: TensorFile): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata }
  let offset = 0
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] }
    offset += data.byteLength
  }
  const text = JSON.stringify(header)
  const json = new TextEncoder().encode(text)
  // The data begin at a multiple of 8; the header is filled up with blanks.
  const padded = Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(8 + padded + offset)
  bytes.fill(0x20, 8, 8 + padded)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true)
  bytes.set(json, 8)
  let at = 8 + padded
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return bytes
}

/** Writes a safetensors file as a whole or not at all. */
export function writeSafetensors(files: FileOperations, path: string, file: TensorFile): Promise<void> {
  return writeFileAtomically(files, path, encodeSafetensors(file))
}
