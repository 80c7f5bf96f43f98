import { deflateRawSync } from 'node:zlib'

/** Value of an element: text, numbers of the representation, bytes, or items of a sequence. */
export type Value = string | number[] | Uint8Array | Elements[]
/** `{'0028,0010': ['US', [4]]}` */
export type Elements = Record<string, [vr: string, value: Value]>

export interface WrittenSlice {
  width: number
  height: number
  /** Samples of all frames, one after the other; colours interleaved. */
  samples: ArrayLike<number>
  bits?: { allocated?: 8 | 16; stored?: number; high?: number; signed?: boolean }
  /** Transfer syntax; explicit little endian by default. */
  syntax?: string
  /** Fragments for each frame, already packed. */
  frames?: Uint8Array[][]
  offsetTable?: boolean
  elements?: Elements
  leaveOut?: string[]
}

const EXPLICIT = '1.2.840.10008.1.2.1'
const IMPLICIT = '1.2.840.10008.1.2'
const BIG = '1.2.840.10008.1.2.2'
const DEFLATED = '1.2.840.10008.1.2.1.99'
const LONG = new Set(['OB', 'OW', 'SQ', 'UN', 'UT'])

/** A CT slice as a DICOM file. */
export function writeDicom(slice: WrittenSlice): Uint8Array {
  const { width, height, samples, frames, syntax = EXPLICIT, leaveOut = [] } = slice
  const { allocated = 16, signed = true } = slice.bits ?? {}
  const stored = slice.bits?.stored ?? allocated
  const big = syntax === BIG
  const elements: Elements = {
    '0008,0016': ['UI', '1.2.840.10008.5.1.4.1.1.2'],
    '0008,0018': ['UI', '1.2.3.4'],
    '0008,0060': ['CS', 'CT'],
    '0020,000e': ['UI', '1.2.3'],
    '0028,0002': ['US', [1]],
    '0028,0004': ['CS', 'MONOCHROME2'],
    '0028,0010': ['US', [height]],
    '0028,0011': ['US', [width]],
    '0028,0100': ['US', [allocated]],
    '0028,0101': ['US', [stored]],
    '0028,0102': ['US', [slice.bits?.high ?? stored - 1]],
    '0028,0103': ['US', [signed ? 1 : 0]],
    '0028,1052': ['DS', '-1024'],
    '0028,1053': ['DS', '1'],
    '7fe0,0010': frames
      ? ['OB', new Uint8Array()]
      : [allocated === 16 ? 'OW' : 'OB', pixelBytes(samples, allocated, big)],
    ...slice.elements,
  }
  for (const tag of leaveOut) delete elements[tag]
  const body = joined(
    Object.entries(elements)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([tag, [vr, value]]) =>
        tag === '7fe0,0010' && frames
          ? encapsulated(frames, slice.offsetTable ?? false)
          : element(tag, vr, value, { big, implicit: syntax === IMPLICIT }),
      ),
  )
  const meta = joined([
    element('0002,0001', 'OB', Uint8Array.of(0, 1), {}),
    element('0002,0002', 'UI', '1.2.840.10008.5.1.4.1.1.2', {}),
    element('0002,0003', 'UI', '1.2.3.4', {}),
    element('0002,0010', 'UI', syntax, {}),
  ])
  return joined([
    new Uint8Array(128),
    ascii('DICM'),
    element('0002,0000', 'UL', [meta.length], {}),
    meta,
    syntax === DEFLATED ? deflateRawSync(body) : body,
  ])
}

function element(
  tag: string,
  vr: string,
  value: Value,
  { big = false, implicit = false }: { big?: boolean; implicit?: boolean },
): Uint8Array {
  const [group, number] = tag.split(',').map(part => Number.parseInt(part, 16)) as [number, number]
  const content = even(contentOf(vr, value, big, implicit), vr === 'UI' || vr === 'OB' ? 0 : 32)
  const long = LONG.has(vr)
  const header = new Uint8Array(implicit || !long ? 8 : 12)
  const view = new DataView(header.buffer)
  view.setUint16(0, group, !big)
  view.setUint16(2, number, !big)
  if (implicit) view.setUint32(4, content.length, true)
  else {
    header.set(ascii(vr), 4)
    if (long) view.setUint32(8, content.length, !big)
    else view.setUint16(6, content.length, !big)
  }
  return joined([header, content])
}

function contentOf(vr: string, value: Value, big: boolean, implicit: boolean): Uint8Array {
  if (typeof value === 'string') return ascii(value)
  if (value instanceof Uint8Array) return value
  if (vr === 'SQ')
    return joined(
      (value as Elements[]).map(item => {
        const content = joined(
          Object.entries(item).map(([tag, [itemVr, inner]]) =>
            element(tag, itemVr, inner, { big, implicit }),
          ),
        )
        const header = new DataView(new ArrayBuffer(8))
        header.setUint16(0, 0xfffe, !big)
        header.setUint16(2, 0xe000, !big)
        header.setUint32(4, content.length, !big)
        return joined([new Uint8Array(header.buffer), content])
      }),
    )
  const numbers = value as number[]
  const width = vr === 'UL' ? 4 : 2
  const view = new DataView(new ArrayBuffer(numbers.length * width))
  numbers.forEach((number, at) => {
    if (width === 4) view.setUint32(4 * at, number, !big)
    else view.setInt16(2 * at, number, !big)
  })
  return new Uint8Array(view.buffer)
}

function pixelBytes(samples: ArrayLike<number>, allocated: 8 | 16, big: boolean): Uint8Array {
  if (allocated === 8) return Uint8Array.from(samples)
  const view = new DataView(new ArrayBuffer(2 * samples.length))
  for (let at = 0; at < samples.length; at++) view.setInt16(2 * at, samples[at]!, !big)
  return new Uint8Array(view.buffer)
}

/** Items of fragments behind an offset table, empty or not (PS3.5, A.4). */
function encapsulated(frames: Uint8Array[][], offsetTable: boolean): Uint8Array {
  const item = (content: Uint8Array, number = 0xe000) => {
    const header = new DataView(new ArrayBuffer(8))
    header.setUint16(0, 0xfffe, true)
    header.setUint16(2, number, true)
    header.setUint32(4, content.length, true)
    return joined([new Uint8Array(header.buffer), content])
  }
  const packed = frames.map(fragments => joined(fragments.map(fragment => item(even(fragment, 0)))))
  let offset = 0
  const offsets = packed.map(frame => {
    const here = offset
    offset += frame.length
    return here
  })
  return joined([
    Uint8Array.of(0xe0, 0x7f, 0x10, 0, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff),
    item(offsetTable ? new Uint8Array(Uint32Array.from(offsets).buffer) : new Uint8Array()),
    ...packed,
    item(new Uint8Array(), 0xe0dd),
  ])
}

export const ascii = (text: string) => new TextEncoder().encode(text)

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function even(bytes: Uint8Array, filler: number): Uint8Array {
  return bytes.length % 2 === 0 ? bytes : joined([bytes, Uint8Array.of(filler)])
}
