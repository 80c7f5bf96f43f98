import type { Pixels } from '../../../data/workspace/images.ts'
import { readFigures } from '../../../extractor/figures/read-figures.ts'
import { withPdf } from '../../../extractor/pdf/document.ts'

/** A PDF written object by object, so that a test can store a picture in any way the format allows. */
export interface RawPicture {
  /** Entries of the picture's dictionary but /Type, /Subtype and /Length. */
  dictionary: string
  bytes: Uint8Array
}

export interface RawPdf {
  pictures?: RawPicture[]
  /** The page's content; pictures are /I0, /I1, …, the caption's font is /F1. */
  content: string | Uint8Array
  /** Entries added to the page's dictionary. */
  page?: string
}

/** A page of 600 × 800 points. */
export function rawPdf({ pictures = [], content, page = '' }: RawPdf): Uint8Array {
  const stream = (dictionary: string, bytes: Uint8Array) =>
    Buffer.concat([
      Buffer.from(`<< ${dictionary} /Length ${bytes.length} >>\nstream\n`),
      bytes,
      Buffer.from('\nendstream'),
    ])
  const names = pictures.map((_, i) => `/I${i} ${i + 6} 0 R`).join(' ')
  const objects = [
    Buffer.from('<< /Type /Catalog /Pages 2 0 R >>'),
    Buffer.from('<< /Type /Pages /Kids [3 0 R] /Count 1 >>'),
    Buffer.from(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] ${page} /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> /XObject << ${names} >> >> >>`,
    ),
    Buffer.from('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'),
    stream('', typeof content === 'string' ? Buffer.from(content, 'latin1') : content),
    ...pictures.map(({ dictionary, bytes }) => stream(`/Type /XObject /Subtype /Image ${dictionary}`, bytes)),
  ]
  const parts = [Buffer.from('%PDF-1.7\n')]
  const starts: number[] = []
  let at = parts[0]!.length
  for (const [i, object] of objects.entries()) {
    starts.push(at)
    const part = Buffer.concat([Buffer.from(`${i + 1} 0 obj\n`), object, Buffer.from('\nendobj\n')])
    parts.push(part)
    at += part.length
  }
  const table = starts.map(start => `${String(start).padStart(10, '0')} 00000 n \n`).join('')
  parts.push(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${at}\n%%EOF\n`,
    ),
  )
  return new Uint8Array(Buffer.concat(parts))
}

/** Where the pictures of these tests are painted: 320 × 240 points, the caption under them. */
export const PLACE = '320 0 0 240 140 450 cm'
export const CAPTION = 'BT /F1 10 Tf 140 425 Td (Figure 1. An axial slice of the chest at admission.) Tj ET\n'

/** A page with the picture /I0 at its place under a transform, and a caption. */
export const withPicture = (picture: RawPicture, transform = PLACE) =>
  rawPdf({ pictures: [picture], content: `q ${transform} /I0 Do Q\n${CAPTION}` })

export interface Given {
  pixels: Pixels
  name: string
  jpeg?: Uint8Array
}

/** The pictures that are mined from a PDF, as they come out. */
export async function minedFrom(bytes: Uint8Array): Promise<Given[]> {
  const given: Given[] = []
  await withPdf(bytes, 'made.pdf', document =>
    readFigures(document, async (pixels, name, jpeg) => {
      given.push({ pixels, name, ...(jpeg ? { jpeg } : {}) })
      return { id: name, file: `${name}.png` }
    }),
  )
  return given
}

export const W = 160
export const H = 120
const inBox = (x: number, y: number) => x >= 20 && x < 60 && y >= 15 && y < 45

/** Grey of the source picture: a ramp with a bright box, alike under no turn or mirroring. */
export const greyAt = (x: number, y: number) => (inBox(x, y) ? 250 : Math.floor(((x + y) * 200) / (W + H)))
/** The black and white source picture: a box and a disc on white. */
export const whiteAt = (x: number, y: number) => !(inBox(x, y) || (x - 110) ** 2 + (y - 70) ** 2 < 900)
export const colourAt = (x: number, y: number): [number, number, number] =>
  inBox(x, y) ? [220, 40, 30] : [x, 2 * y, 120]

/** Samples of a source picture, row by row. */
export function samples(of: (x: number, y: number) => number | readonly number[], w = W, h = H): Uint8Array {
  const all: number[] = []
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) all.push(...[of(x, y)].flat())
  return Uint8Array.from(all)
}

/** Samples of less than 8 bits packed into bytes; every row begins with a byte. */
export function packed(of: (x: number, y: number) => number, bits: 1 | 2 | 4): Uint8Array {
  const row = Math.ceil((W * bits) / 8)
  const bytes = new Uint8Array(row * H)
  for (let y = 0; y < H; y++)
    for (let x = 0; x < W; x++)
      bytes[y * row + ((x * bits) >> 3)]! |= of(x, y) << (8 - bits - ((x * bits) & 7))
  return bytes
}

/** Mean difference of a picture from what each pixel should be, 0…255; pictures drawn larger are looked at by place. */
export function difference(
  { data, width, height }: Pixels,
  of: (x: number, y: number) => number | readonly number[],
  w = W,
  h = H,
): number {
  let sum = 0
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const value = of(Math.floor(((x + 0.5) * w) / width), Math.floor(((y + 0.5) * h) / height))
      const [r, g, b] = typeof value === 'number' ? [value, value, value] : value
      const i = (y * width + x) * 3
      sum += Math.abs(data[i]! - r!) + Math.abs(data[i + 1]! - g!) + Math.abs(data[i + 2]! - b!)
    }
  return sum / (width * height * 3)
}
