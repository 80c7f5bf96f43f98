import { inflateSync } from 'node:zlib'
import { type Pixels, readPixels } from '../../data/workspace/images.ts'

/** A picture as the JPEG it lies in the file as, and what that decodes to. */
export interface JpegPicture {
  bytes: Uint8Array
  pixels: Pixels
}

/** A picture's dictionary is a few hundred bytes; one longer than this is not looked at. */
const LONGEST_DICTIONARY = 4096
const LONGEST_INFLATED = 64_000_000
/** Mean and widest usual difference of two decoders of one JPEG, in grey levels of 255. */
const MEAN_DIFFERENCE = 3
const STRAY_DIFFERENCE = 48
const STRAY_SHARE = 0.01

/**
 * The JPEG streams of a PDF by their object. pdf.js gives decoded pixels only, so the file's bytes are looked through
 * for "12 0 obj << … /DCTDecode … >> stream": a picture is always an object of its own, never packed into another
 * (ISO 32000-1, 7.5.7). The scan trusts nothing: what it finds is decoded and compared before it is used.
 */
export class JpegStreams {
  readonly #bytes: Buffer
  #starts: Map<string, number[]> | undefined

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /**
   * The JPEG of an object whose decoded pixels are known.
   * @param ref the object in pdf.js's words: "12R", "12R1"
   * @returns undefined where it is no JPEG, has four inks or a mask, is encrypted, or decodes to other pixels
   */
  async matching(ref: string, pixels: Pixels): Promise<JpegPicture | undefined> {
    // The last definition of an object holds; an older one of the same number may be another picture.
    for (const start of [...(this.#definitions().get(ref) ?? [])].reverse()) {
      const bytes = this.#streamAt(start)
      if (!bytes || !hasPlainColours(bytes)) continue
      const decoded = await readPixels(bytes).catch(() => undefined)
      if (decoded && alike(decoded, pixels)) return { bytes, pixels: decoded }
    }
    return undefined
  }

  /** Where the object of each number begins, after "obj"; one pass over the file, at the first question. */
  #definitions(): Map<string, number[]> {
    if (this.#starts) return this.#starts
    const starts = new Map<string, number[]>()
    const digit = (at: number) => this.#bytes[at]! >= 0x30 && this.#bytes[at]! <= 0x39
    const blank = (at: number) =>
      this.#bytes[at] === 0x20 || this.#bytes[at] === 0x0a || this.#bytes[at] === 0x0d
    // Walks back over a number of ten digits at most and the blanks before it.
    const number = (end: number): [value: string, before: number] => {
      let from = end
      while (from > 0 && end - from < 10 && digit(from - 1)) from--
      const value = this.#bytes.toString('latin1', from, end)
      let before = from
      while (before > 0 && from - before < 4 && blank(before - 1)) before--
      return [value, before]
    }
    for (let at = this.#bytes.indexOf(' obj'); at >= 0; at = this.#bytes.indexOf(' obj', at + 4)) {
      const [generation, before] = number(at)
      const [object] = generation === '' ? [''] : number(before)
      if (object === '') continue
      const ref = `${Number(object)}R${Number(generation) || ''}`
      const known = starts.get(ref)
      if (known) known.push(at + 4)
      else starts.set(ref, [at + 4])
    }
    this.#starts = starts
    return starts
  }

  #streamAt(start: number): Uint8Array | undefined {
    const head = this.#bytes.toString('latin1', start, start + LONGEST_DICTIONARY)
    const opening = /^\s*<<[\s\S]*?>>\s*stream(\r\n|\n|\r)/.exec(head)
    if (!opening) return undefined
    const [dictionary] = opening
    if (/\/(?:SMask|Mask|Decode|DecodeParms)\b(?!\s*null)/.test(dictionary)) return undefined
    const filter = /\/Filter\s*(?:\/(\w+)|\[\s*((?:\/\w+\s*)+)\])/.exec(dictionary)
    const filters = (filter?.[1] ? `/${filter[1]}` : (filter?.[2] ?? '')).split('/').map(name => name.trim())
    const encoded = filters.filter(Boolean).join(' ')
    if (encoded !== 'DCTDecode' && encoded !== 'FlateDecode DCTDecode') return undefined
    const from = start + dictionary.length
    const end = this.#endOf(
      from,
      Number(/\/Length\s+(\d+)(?!\d*\s+\d+\s+R)/.exec(dictionary)?.[1] ?? Number.NaN),
    )
    if (end === undefined) return undefined
    const stored = this.#bytes.subarray(from, end)
    try {
      // A copy: what is kept must not hold the whole file.
      return new Uint8Array(
        encoded === 'DCTDecode' ? stored : inflateSync(stored, { maxOutputLength: LONGEST_INFLATED }),
      )
    } catch {
      return undefined
    }
  }

  /** A stream's end: by its length where "endstream" follows there, else before the next "endstream". */
  #endOf(from: number, length: number): number | undefined {
    if (/^\s*endstream/.test(this.#bytes.toString('latin1', from + length, from + length + 12)))
      return from + length
    const next = this.#bytes.indexOf('endstream', from)
    if (next < 0) return undefined
    let end = next
    if (this.#bytes[end - 1] === 0x0a) end--
    if (this.#bytes[end - 1] === 0x0d) end--
    return end
  }
}

/** True for a JPEG of one or three components of 8 bits (its frame header says so; ISO 10918-1, B.2.2). */
function hasPlainColours(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return false
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) return false
    const marker = bytes[at + 1]!
    // Fill bytes may stand before a marker.
    if (marker === 0xff) {
      at++
      continue
    }
    const frame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (frame) return bytes[at + 4] === 8 && (bytes[at + 9] === 1 || bytes[at + 9] === 3)
    at += 2 + bytes[at + 2]! * 256 + bytes[at + 3]!
  }
  return false
}

/** True where two pictures are the same but for the rounding of their decoders; sampled, so that it costs little. */
function alike(a: Pixels, b: Pixels): boolean {
  if (a.width !== b.width || a.height !== b.height) return false
  // A step that shares no factor with 3 sees all three colours.
  let step = Math.max(1, Math.floor(a.data.length / 300_000))
  if (step % 3 === 0) step++
  let sum = 0
  let stray = 0
  let looked = 0
  for (let i = 0; i < a.data.length; i += step) {
    const off = Math.abs(a.data[i]! - b.data[i]!)
    sum += off
    if (off > STRAY_DIFFERENCE) stray++
    looked++
  }
  return sum <= MEAN_DIFFERENCE * looked && stray <= STRAY_SHARE * looked
}
