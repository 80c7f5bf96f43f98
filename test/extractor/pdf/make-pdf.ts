import PDFDocument from 'pdfkit'
import type { Pixels } from '../../../data/workspace/images.ts'
import { encodePng } from '../../../data/workspace/images.ts'

/** Sets a small PDF for a test; the page is 600 × 800 points. */
export async function makePdf(
  draw: (pdf: PDFKit.PDFDocument) => void | Promise<void>,
  options: PDFKit.PDFDocumentOptions = {},
): Promise<Uint8Array> {
  const pdf = new PDFDocument({ size: [600, 800], margin: 50, ...options })
  const chunks: Buffer[] = []
  pdf.on('data', chunk => chunks.push(chunk))
  const done = new Promise<void>(resolve => {
    pdf.on('end', () => resolve())
  })
  await draw(pdf)
  pdf.end()
  await done
  return new Uint8Array(Buffer.concat(chunks))
}

/** A grey picture whose every pixel tells its place. */
export function ramp(width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      data.set([(x * 7) % 200, (y * 11) % 200, (x + y) % 200], (y * width + x) * 3)
  return { data, width, height }
}

export const png = async (pixels: Pixels) => Buffer.from(await encodePng(pixels))

/** Running text of so many lines, the same every time. */
export const PROSE =
  'The cohort was scanned on two machines with a slice of one millimetre and readers were blinded to the course. Disagreement was settled by a third reader with many years of practice. No patient was lost before the end of the study. '
